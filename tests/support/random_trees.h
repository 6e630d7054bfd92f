// JSON test data and random JSON trees.

#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "base/json.h"

namespace wandb {

// JSON of a file below tests/data/; null, which no test expects, if unreadable.
inline base::Json ReadTestJson(const std::string& name) {
  std::ifstream in(std::string(TFW_TEST_DATA "/") + name, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  absl::StatusOr<base::Json> json = base::ParseJson(text, name);
  return json.ok() ? *std::move(json) : base::Json();
}

// Random trees with few keys, so that layers often meet.
class RandomTrees {
 public:
  explicit RandomTrees(unsigned seed) : random_(seed) {}

  unsigned Below(unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_);
  }

  base::Json Object(int depth) {
    base::Json object = base::Json::object();
    const unsigned count = Below(5);
    for (unsigned i = 0; i < count; ++i) {
      object.emplace(Key(), Value(depth - 1));
    }
    return object;
  }

  base::Json Value(int depth) {
    // Containers get rarer with depth, nulls are rare throughout.
    switch (Below(depth > 0 ? 12 : 8)) {
      case 0:
        return Below(4) == 0 ? base::Json() : base::Json(true);
      case 1:
        return false;
      case 2:
        return static_cast<int>(Below(100)) - 50;
      case 3:
        return Below(100) / 8.0;
      case 4:
      case 5:
        return Text();
      case 6:
        return base::Json::object();
      case 7:
        return base::Json::array();
      case 8:
        return List(depth);
      default:
        return Object(depth);
    }
  }

  std::string Key() {
    static const char* const kKeys[] = {"a",   "b", "c",    "a.b/c", "",
                                        "x-y", "0", "\"[]", "\n"};
    return kKeys[Below(9)];
  }

  std::string Text() {
    static const char* const kTexts[] = {
        "",   "v",    "true", "12",  "-1e3", "{}", "[]", "\"q\"", "{x", "null",
        " 1", "a\tb", "tru",  "1 2", "é",    "\"", "-",  "n",     "[1"};
    return kTexts[Below(19)];
  }

 private:
  base::Json List(int depth) {
    base::Json list = base::Json::array();
    const unsigned count = Below(4);
    for (unsigned i = 0; i < count; ++i) list.push_back(Value(depth - 1));
    return list;
  }

  std::mt19937 random_;
};

}  // namespace wandb
