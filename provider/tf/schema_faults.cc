#include "provider/tf/schema_faults.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace tf {
namespace {

// Where an attribute stands, as far as rules depend on it.
struct Place {
  cty::Path path;
  SchemaKind kind;
  bool in_computed = false;    // Below an attribute that may be computed.
  bool in_collection = false;  // In a list or map of objects.
  bool in_block = false;
};

class Search {
 public:
  explicit Search(SchemaKind kind) : kind_(kind) {}

  void CheckRoot(const Schema& schema) {
    if (schema.version < 0) Report("", "negative schema version");
    std::set<std::string> names;
    for (const Attribute& attribute : schema.attributes) {
      CheckReserved(attribute.name);
      names.insert(attribute.name);
    }
    CheckAttributes(schema.attributes, {.kind = kind_});
    for (const Block& block : schema.blocks) {
      CheckReserved(block.name);
      if (!names.insert(block.name).second) {
        Report(block.name, "both an attribute and a block, or a block twice");
      }
      if (!IsName(block.name)) {
        Report(block.name, "not a name of lower-case letters, digits and _");
      }
      CheckAttributes(
          block.attributes,
          {.path = cty::Path(block.name), .kind = kind_, .in_block = true});
    }
  }

  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  static bool IsName(const std::string& name) {
    return !name.empty() && !absl::ascii_isdigit(name.front()) &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
             return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                    c == '_';
           });
  }

  // Names that configuration gives a meaning of its own.
  void CheckReserved(const std::string& name) {
    static const base::NeverDestroyed<std::set<std::string>> kProvider(
        std::set<std::string>{"alias", "version"});
    static const base::NeverDestroyed<std::set<std::string>> kOthers(
        std::set<std::string>{"connection", "count", "depends_on", "for_each",
                              "lifecycle", "provider", "provisioner"});
    const auto& reserved =
        kind_ == SchemaKind::kProvider ? *kProvider : *kOthers;
    if (reserved.count(name) != 0) Report(name, "reserved name");
  }

  void CheckAttributes(const std::vector<Attribute>& attributes,
                       const Place& parent) {
    std::set<std::string> names;
    for (const Attribute& attribute : attributes) {
      Place place = parent;
      place.path = parent.path.Attribute(attribute.name);
      const std::string path = place.path.ToString();
      if (!names.insert(attribute.name).second) Report(path, "declared twice");
      if (!IsName(attribute.name)) {
        Report(path, "not a name of lower-case letters, digits and _");
      }
      CheckUse(attribute, place);
      CheckType(attribute, place);
      if (attribute.nested == nullptr) continue;
      place.in_computed |= attribute.computed();
      place.in_collection |= attribute.nested->nesting != Nesting::kSingle;
      CheckAttributes(attribute.nested->attributes, place);
    }
  }

  void CheckUse(const Attribute& attribute, const Place& place) {
    const AttributeSpec& spec = attribute.spec;
    const std::string path = place.path.ToString();
    if (spec.write_only) {
      if (attribute.computed() || attribute.spec.fallback.has_value()) {
        Report(path, "write-only and computed");
      }
      if (place.in_computed) {
        Report(path, "write-only below a computed attribute");
      }
      if (place.kind != SchemaKind::kResource) {
        Report(path, "write-only outside of a managed resource");
      }
    }
    const bool defaulted = attribute.spec.fallback.has_value();
    // Core refuses a planned value that is neither configured nor computed.
    if (defaulted && spec.use != Use::kOptionalComputed) {
      Report(path, "a default, but not optional and computed");
    }
    // Nothing plans inside of blocks: they stand as they are configured.
    if (defaulted && place.in_block) Report(path, "a default in a block");
    if (attribute.computed() && place.in_block) {
      Report(path, "computed in a block");
    }
  }

  void CheckType(const Attribute& attribute, const Place& place) {
    const std::string path = place.path.ToString();
    if (attribute.nested != nullptr) {
      if (!(attribute.type == NestedType(*attribute.nested))) {
        Report(path, "its type is not that of its parts");
      }
      return;  // The parts are looked at one by one.
    }
    if (place.in_collection && HoldsDynamic(attribute.type)) {
      Report(path, "any type inside of a list or map");
    } else if (CollectsDynamic(attribute.type)) {
      Report(path, "a list, set or map of any type");
    }
    const std::optional<cty::Value> fallback = attribute.spec.fallback;
    if (fallback.has_value() &&
        !cty::Conforms(fallback->type(), attribute.type)) {
      Report(path, "the default is of another type");
    }
  }

  static bool HoldsDynamic(const cty::Type& type) {
    if (type.IsDynamic()) return true;
    switch (type.kind()) {
      case cty::Type::Kind::kList:
      case cty::Type::Kind::kSet:
      case cty::Type::Kind::kMap:
        return HoldsDynamic(type.element());
      case cty::Type::Kind::kTuple:
        return std::any_of(type.elements().begin(), type.elements().end(),
                           HoldsDynamic);
      case cty::Type::Kind::kObject:
        return std::any_of(
            type.attributes().begin(), type.attributes().end(),
            [](const auto& each) { return HoldsDynamic(each.second); });
      default:
        return false;
    }
  }

  static bool CollectsDynamic(const cty::Type& type) {
    switch (type.kind()) {
      case cty::Type::Kind::kList:
      case cty::Type::Kind::kSet:
      case cty::Type::Kind::kMap:
        return HoldsDynamic(type.element());
      default:
        return false;
    }
  }

  void Report(const std::string& path, absl::string_view what) {
    faults_.push_back(absl::StrCat(path, ": ", what));
  }

  const SchemaKind kind_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> SchemaFaults(const Schema& schema, SchemaKind kind) {
  Search search(kind);
  search.CheckRoot(schema);
  return search.Take();
}

}  // namespace tf
