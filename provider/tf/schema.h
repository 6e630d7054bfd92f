// What a resource, data source or provider block looks like: the one source of
// the protocol's schema, the implied type, validation, defaults and planning.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "provider/cty/type.h"
#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"

namespace tf {

enum class Use { kRequired, kOptional, kOptionalComputed, kComputed };

// How many objects a nested attribute or a block holds. No sets: their elements
// have no path, and any-typed content is forbidden in them.
enum class Nesting { kSingle, kList, kMap };

// Called with the configured value when it is known and not null.
using Validator = std::function<void(const cty::Value& value,
                                     const cty::Path& path, Diagnostics&)>;

struct Attribute;

struct NestedObject {
  Nesting nesting = Nesting::kSingle;
  std::vector<Attribute> attributes;
};

// How an attribute behaves, apart from its name and type.
struct AttributeSpec {
  Use use = Use::kOptional;
  bool sensitive = false;
  // Not marked as sensitive, but may hold secrets: no diagnostic points at it.
  bool never_quoted = false;
  bool write_only = false;
  // A changed value means a new object.
  bool replace_on_change = false;
  // Computed: an update keeps the prior value instead of planning unknown.
  bool keep_on_update = false;
  // Computed: Resource::Plan() decides the planned value in every case.
  bool planned_by_resource = false;
  // The default when configuration leaves the attribute out.
  std::optional<cty::Value> fallback = std::nullopt;
  std::string doc = {};      // Markdown.
  std::string example = {};  // HCL expression, for the documentation.
  std::string deprecated = {};
  // Enumerations: all values that are allowed, for the documentation.
  std::vector<std::string> allowed = {};
  std::vector<Validator> validators = {};
};

struct Attribute {
  std::string name;
  cty::Type type;  // The implied type where `nested` is set.
  std::shared_ptr<const NestedObject> nested;
  AttributeSpec spec;

  bool computed() const {
    return spec.use == Use::kComputed || spec.use == Use::kOptionalComputed;
  }
};

// A block of single nesting. Null when absent.
struct Block {
  std::string name;
  std::vector<Attribute> attributes;
  std::string doc;

  cty::Type type() const;
};

struct Schema {
  int version = 0;
  std::string doc;
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;

  // The object type of all attributes and blocks (protocol 6, implied type).
  cty::Type ImpliedType() const;
};

// Core shows the source lines of what a diagnostic points at. Whether those of
// `path` may hold secrets: it is an attribute that is sensitive or never
// quoted, or inside of one, or has one inside of it.
bool QuotesSecrets(const Schema& schema, const cty::Path& path);

// Whether core would show the source lines of another attribute for `path`:
// inside of a nested attribute it looks for the last name at the root.
bool PointsElsewhere(const Schema& schema, const cty::Path& path);

// The object type of `attributes`.
cty::Type ObjectType(const std::vector<Attribute>& attributes);

// That object, or a list or map of it.
cty::Type NestedType(const NestedObject& nested);

// Adds the error for a null element, at `path`, of a list or map.
void AddNullElement(const cty::Path& path, Diagnostics& diags);

struct ValidateOptions {
  bool write_only_allowed = true;
};

// What core leaves to the provider: required attributes that are null,
// read-only ones that are set, write-only ones the client does not know, and
// the attributes' own validators. `config` is an object of the implied type.
void ValidateConfig(const Schema& schema, const cty::Value& config,
                    const ValidateOptions& options, Diagnostics& diags);

}  // namespace tf
