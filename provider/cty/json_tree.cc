#include "provider/cty/json_tree.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/json.h"

namespace cty {
namespace {

// Per level of a value at most one level of JSON, and two per level of a type.
static_assert(base::kMaxStateDepth >= size_t{4} * Type::kMaxDepth);

class TreeBuilder final : public nlohmann::json_sax<base::Json> {
 public:
  bool null() override { return Leaf(JsonTree::Kind::kNull, ""); }
  bool boolean(bool value) override {
    JsonTree* leaf = Add(JsonTree::Kind::kBool);
    leaf->truth = value;
    return true;
  }
  bool number_integer(int64_t value) override {
    return Leaf(JsonTree::Kind::kNumber, absl::StrCat(value));
  }
  bool number_unsigned(uint64_t value) override {
    return Leaf(JsonTree::Kind::kNumber, absl::StrCat(value));
  }
  bool number_float(double /*value*/, const std::string& text) override {
    return Leaf(JsonTree::Kind::kNumber, text);
  }
  bool string(std::string& value) override {
    return Leaf(JsonTree::Kind::kString, std::move(value));
  }
  bool binary(base::Json::binary_t& /*value*/) override { return false; }
  bool start_object(size_t /*size*/) override {
    return Open(JsonTree::Kind::kObject);
  }
  bool start_array(size_t /*size*/) override {
    return Open(JsonTree::Kind::kArray);
  }
  bool key(std::string& value) override {
    open_.back()->keys.push_back(std::move(value));
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("not valid JSON at byte ", position));
    return false;
  }

  const absl::Status& status() const { return status_; }
  JsonTree& root() { return root_; }

 private:
  JsonTree* Add(JsonTree::Kind kind) {
    JsonTree* node = &root_;
    if (!open_.empty()) node = &open_.back()->items.emplace_back();
    node->kind = kind;
    return node;
  }
  bool Leaf(JsonTree::Kind kind, std::string text) {
    Add(kind)->text = std::move(text);
    return true;
  }
  // A pointer into the parent's items stays good while the child is open: the
  // parent grows only after it is closed.
  bool Open(JsonTree::Kind kind) {
    if (open_.size() >= base::kMaxStateDepth) {
      status_ = absl::OutOfRangeError(
          absl::StrCat("JSON is nested too deeply: in more than ",
                       base::kMaxStateDepth, " lists and maps"));
      return false;
    }
    open_.push_back(Add(kind));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonTree root_;
  std::vector<JsonTree*> open_;
  absl::Status status_;
};

absl::Status NotAType() {
  return absl::InvalidArgumentError("not a type constraint");
}

absl::StatusOr<Type> PrimitiveNamed(absl::string_view name) {
  if (name == "string") return Type::String();
  if (name == "number") return Type::Number();
  if (name == "bool") return Type::Bool();
  if (name == "dynamic") return Type::Dynamic();
  return NotAType();
}

absl::StatusOr<Type> TupleFrom(const JsonTree& tree, int max_depth) {
  if (tree.kind != JsonTree::Kind::kArray) return NotAType();
  std::vector<Type> elements;
  elements.reserve(tree.items.size());
  for (const JsonTree& item : tree.items) {
    absl::StatusOr<Type> element = TypeFromTree(item, max_depth);
    if (!element.ok()) return element.status();
    elements.push_back(*std::move(element));
  }
  return Type::Tuple(std::move(elements));
}

absl::StatusOr<Type> ObjectFrom(const JsonTree& tree, int max_depth) {
  if (tree.kind != JsonTree::Kind::kObject) return NotAType();
  std::map<std::string, Type> attributes;
  for (size_t i = 0; i < tree.items.size(); ++i) {
    absl::StatusOr<Type> attribute = TypeFromTree(tree.items[i], max_depth);
    if (!attribute.ok()) return attribute.status();
    if (!attributes.emplace(tree.keys[i], *std::move(attribute)).second) {
      return NotAType();
    }
  }
  return Type::Object(std::move(attributes));
}

}  // namespace

absl::StatusOr<JsonTree> ParseJsonTree(absl::string_view text) {
  TreeBuilder builder;
  const bool whole = base::Json::sax_parse(text.begin(), text.end(), &builder);
  if (!builder.status().ok()) return builder.status();
  if (!whole) return absl::InvalidArgumentError("not valid JSON");
  return std::move(builder.root());
}

absl::StatusOr<Type> TypeFromTree(const JsonTree& tree, int max_depth) {
  if (max_depth < 1) {
    return absl::OutOfRangeError("the type is nested too deeply");
  }
  if (tree.kind == JsonTree::Kind::kString) return PrimitiveNamed(tree.text);
  if (tree.kind != JsonTree::Kind::kArray || tree.items.size() < 2 ||
      tree.items[0].kind != JsonTree::Kind::kString) {
    return NotAType();
  }
  const std::string& name = tree.items[0].text;
  const JsonTree& content = tree.items[1];
  // Only an object may say more: which attributes are optional.
  if (tree.items.size() > (name == "object" ? 3 : 2)) return NotAType();
  if (name == "tuple") return TupleFrom(content, max_depth - 1);
  if (name == "object") return ObjectFrom(content, max_depth - 1);
  if (name != "list" && name != "set" && name != "map") return NotAType();
  absl::StatusOr<Type> element = TypeFromTree(content, max_depth - 1);
  if (!element.ok()) return element.status();
  if (name == "list") return Type::List(*std::move(element));
  if (name == "set") return Type::Set(*std::move(element));
  return Type::Map(*std::move(element));
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace cty
