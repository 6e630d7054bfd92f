// The pages that registries show for a provider, from its schemas: Markdown of
// the form that the Terraform Registry documents under "Provider
// Documentation".
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "provider/tf/provider.h"
#include "provider/tf/schema.h"

namespace docs {

// What a page has that no schema says. Each may be empty.
struct Extras {
  std::string example;   // HCL.
  std::string remark;    // Markdown, below the example.
  std::string appendix;  // Markdown, at the end.
};

// Of a page: "index", "resources/name", "data-sources/name",
// "ephemeral-resources/name", "functions/name".
using ExtrasOf = std::function<Extras(absl::string_view page)>;

// All pages by their path below docs/, with ".md". `type` is the provider's
// ("random"): names of types without "random_" in front name the files.
std::map<std::string, std::string> Pages(const tf::Provider& provider,
                                         absl::string_view type,
                                         const ExtrasOf& extras_of);

// The arguments and attributes of `schema` in the sections Required, Optional
// and Read-only, by name; nested ones in sections of their own, which follow. A
// line has an attribute's name, type, secrecy, AttributeText(), example and
// deprecation.
std::string SchemaText(const tf::Schema& schema);

}  // namespace docs
