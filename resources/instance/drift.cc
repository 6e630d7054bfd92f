#include "resources/instance/drift.h"

#include "wandb/leaf_map.h"
#include "wandb/spec/readiness.h"

namespace resources {
namespace {

using base::Json;
using LeafTexts = std::map<std::string, std::optional<std::string>>;

bool IsLeaf(const Json& value) {
  return !value.is_structured() || value.empty();
}

class Comparison {
 public:
  Comparison(const Json& wrote, const Json& live, const wandb::Mask& mask,
             LeafTexts& out)
      : wrote_{&wrote}, live_{&live}, mask_(mask), out_(out) {}

  void Run() { Compare(*wrote_.tree, *live_.tree); }

 private:
  void Compare(const Json& wrote, const Json& live) {
    if (wrote.is_object() && !wrote.empty() && live.is_object()) {
      for (const auto& [key, value] : wrote.items()) {
        const auto it = live.find(key);
        if (it == live.end()) continue;
        path_.push_back(wandb::Step::Key(key));
        Compare(value, *it);
        path_.pop_back();
      }
    } else if (wrote.is_array() && live.is_array() && !live.empty()) {
      for (size_t i = 0; i < live.size(); ++i) {
        path_.push_back(wandb::Step::Index(i));
        if (i < wrote.size()) {
          Compare(wrote[i], live[i]);
        } else {
          ShowAll(live[i]);
        }
        path_.pop_back();
      }
    } else {
      CompareLeaf(wrote, live);
    }
  }

  void CompareLeaf(const Json& wrote, const Json& live) {
    // An empty map of ours claims nothing about keys that others add, and a
    // null gives way to them.
    const bool same =
        wandb::SameValues(wrote, live) ||
        (wrote.is_object() && wrote.empty() && live.is_object()) ||
        (wrote.is_null() && live.is_object() && !live.empty());
    if (same && IsLeaf(wrote)) {
      Put(mask_.Text(path_, wrote, wrote_));
    } else {
      // What took the place of a secret may be as secret, whatever its shape.
      ShowAll(live, mask_.IsSecret(path_, wrote, wrote_));
    }
  }

  void ShowAll(const Json& live, bool secret = false) {
    wandb::ForEachLeaf(live, [&](const wandb::Path& below, const std::string&,
                                 const Json& leaf) {
      const size_t depth = path_.size();
      path_.insert(path_.end(), below.begin(), below.end());
      const bool hidden = secret || mask_.IsSecret(path_, leaf, live_);
      Put(hidden ? wandb::kMaskedChanged : wandb::LeafText(leaf));
      path_.resize(depth);
    });
  }

  void Put(std::string text) {
    out_[wandb::ShownPath(wandb::FormatPath(path_))] = std::move(text);
  }

  const wandb::Surroundings wrote_;
  const wandb::Surroundings live_;
  const wandb::Mask& mask_;
  LeafTexts& out_;
  wandb::Path path_;
};

}  // namespace

LeafTexts LiveLeafMap(const Json& wrote, const Json& live,
                      const wandb::Mask& mask) {
  LeafTexts out;
  if (wrote.is_object() && !wrote.empty()) {
    Comparison(wrote, live, mask, out).Run();
  }
  return out;
}

}  // namespace resources
