#include "provider/tf/provider_faults.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "provider/tf/schema_faults.h"

namespace tf {
namespace {

using Faults = std::vector<std::string>;

void AddSchema(const std::string& name, const Schema& schema, SchemaKind kind,
               Faults& faults) {
  for (const std::string& fault : SchemaFaults(schema, kind)) {
    faults.push_back(absl::StrCat(name, ": ", fault));
  }
}

void AddIdentity(const Resource& resource, Faults& faults) {
  const std::vector<Attribute>& attributes = resource.schema().attributes;
  for (const IdentityAttribute& each : resource.identity()) {
    const bool found = std::any_of(
        attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
          return attribute.name == each.name &&
                 attribute.type == cty::Type::String();
        });
    if (!found) {
      faults.push_back(absl::StrCat(resource.type_name(), ": identity \"",
                                    each.name,
                                    "\" is no string of the schema"));
    }
  }
}

bool IsIdentifier(const std::string& name) {
  return !name.empty() && !absl::ascii_isdigit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_';
         });
}

void AddFunction(const Function& function, Faults& faults) {
  std::set<std::string> names;
  std::vector<Parameter> parameters = function.parameters;
  if (function.variadic.has_value()) parameters.push_back(*function.variadic);
  for (const Parameter& parameter : parameters) {
    if (!IsIdentifier(parameter.name) || !names.insert(parameter.name).second) {
      faults.push_back(absl::StrCat("function ", function.name,
                                    ": parameter \"", parameter.name,
                                    "\" is no name, or there twice"));
    }
  }
}

}  // namespace

std::vector<std::string> ProviderFaults(const Provider& provider) {
  Faults faults;
  const auto claim = [&faults](std::set<std::string>& names,
                               const std::string& name) {
    if (!IsIdentifier(name) || !names.insert(name).second) {
      faults.push_back(absl::StrCat(name, ": no name, or there twice"));
    }
  };
  AddSchema("provider", provider.schema(), SchemaKind::kProvider, faults);
  std::set<std::string> resources;
  for (const auto& resource : provider.parts().resources) {
    claim(resources, resource->type_name());
    AddSchema(resource->type_name(), resource->schema(), SchemaKind::kResource,
              faults);
    AddIdentity(*resource, faults);
  }
  const auto add_sources =
      [&](const char* prefix,
          const std::vector<std::unique_ptr<DataSource>>& sources) {
        std::set<std::string> names;
        for (const auto& source : sources) {
          claim(names, source->type_name());
          AddSchema(absl::StrCat(prefix, source->type_name()), source->schema(),
                    SchemaKind::kDataSource, faults);
        }
      };
  add_sources("data ", provider.parts().data_sources);
  add_sources("ephemeral ", provider.parts().ephemeral_resources);
  std::set<std::string> functions;
  for (const Function& function : provider.parts().functions) {
    claim(functions, function.name);
    AddFunction(function, faults);
  }
  return faults;
}

}  // namespace tf
