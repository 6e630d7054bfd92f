#include "provider/docs/pages.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "provider/tf/attribute_text.h"

namespace docs {
namespace {

// Types are called as in the pages of other providers in the registry.
std::string TypeName(const cty::Type& type) {
  using Kind = cty::Type::Kind;
  switch (type.kind()) {
    case Kind::kDynamic:
      return "Dynamic";
    case Kind::kString:
      return "String";
    case Kind::kNumber:
      return "Number";
    case Kind::kBool:
      return "Boolean";
    case Kind::kList:
      return absl::StrCat("List of ", TypeName(type.element()));
    case Kind::kSet:
      return absl::StrCat("Set of ", TypeName(type.element()));
    case Kind::kMap:
      return absl::StrCat("Map of ", TypeName(type.element()));
    case Kind::kObject:
      return "Object";
    case Kind::kTuple:
      return "Tuple";
  }
  return "Dynamic";
}

std::string NestedName(tf::Nesting nesting) {
  switch (nesting) {
    case tf::Nesting::kList:
      return "Attributes List";
    case tf::Nesting::kMap:
      return "Attributes Map";
    case tf::Nesting::kSingle:
      break;
  }
  return "Attributes";
}

// On one line.
std::string TextOf(const tf::Attribute& attribute) {
  const tf::AttributeSpec& spec = attribute.spec;
  std::string out = tf::AttributeText(attribute);
  if (!spec.example.empty()) {
    absl::StrAppend(&out, " Example: `", spec.example, "`.");
  }
  if (!spec.deprecated.empty()) {
    absl::StrAppend(&out, " **Deprecated:** ", spec.deprecated);
  }
  return out;
}

// A section to come.
struct Nested {
  std::string path;  // With dots.
  const std::vector<tf::Attribute>* attributes;
};

std::string AnchorOf(absl::string_view path) {
  return absl::StrCat("nested--", absl::StrReplaceAll(path, {{".", "--"}}));
}

std::string LineOf(const std::string& path, const std::string& name,
                   const std::vector<std::string>& notes,
                   const std::string& text, bool nested) {
  return absl::StrCat(
      "- `", name, "` (", absl::StrJoin(notes, ", "), ")",
      text.empty() ? "" : " ", text,
      nested ? absl::StrCat(" See [below](#", AnchorOf(path), ").") : "", "\n");
}

// The lines of those of `attributes` for which `wanted` is true, by name; adds
// their nested ones, below `path`.
template <typename Wanted>
std::string Lines(const std::vector<tf::Attribute>& attributes,
                  const std::string& path, const Wanted& wanted,
                  std::vector<Nested>& nested) {
  std::map<std::string, const tf::Attribute*> by_name;
  for (const tf::Attribute& each : attributes) by_name[each.name] = &each;
  std::string out;
  for (const auto& [name, attribute] : by_name) {
    if (!wanted(attribute->spec.use)) continue;
    const bool is_nested = attribute->nested != nullptr;
    std::vector<std::string> notes = {
        is_nested ? NestedName(attribute->nested->nesting)
                  : TypeName(attribute->type)};
    if (attribute->spec.sensitive) notes.emplace_back("Sensitive");
    if (attribute->spec.write_only) notes.emplace_back("Write-only");
    const std::string below = absl::StrCat(path, name);
    absl::StrAppend(&out,
                    LineOf(below, name, notes, TextOf(*attribute), is_nested));
    if (is_nested) nested.push_back({below, &attribute->nested->attributes});
  }
  return out;
}

// Three groups, each after its `title`, for example "### Required\n\n".
std::string Groups(const std::vector<tf::Attribute>& attributes,
                   const std::string& path, const std::string& more_optional,
                   absl::string_view before, absl::string_view after,
                   std::vector<Nested>& nested) {
  using tf::Use;
  const auto lines = [&](const auto& wanted) {
    return Lines(attributes, path, wanted, nested);
  };
  const auto group = [&](absl::string_view title, const std::string& text) {
    return text.empty()
               ? ""
               : absl::StrCat(before, title, after, "\n\n", text, "\n");
  };
  // In this order, which is that of the sections that follow.
  const std::string required = lines([](Use u) { return u == Use::kRequired; });
  const std::string optional = lines(
      [](Use u) { return u == Use::kOptional || u == Use::kOptionalComputed; });
  const std::string computed = lines([](Use u) { return u == Use::kComputed; });
  return absl::StrCat(group("Required", required),
                      group("Optional", absl::StrCat(optional, more_optional)),
                      group("Read-only", computed));
}

std::string Indented(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", "\n  "}});
}

// Up to the example.
std::string Head(absl::string_view page_title, absl::string_view title,
                 const std::string& doc, const Extras& extras) {
  std::string out =
      absl::StrCat("---\npage_title: \"", page_title, "\"\ndescription: |-\n  ",
                   Indented(doc), "\n---\n\n# ", title, "\n\n", doc, "\n\n");
  if (!extras.example.empty()) {
    absl::StrAppend(&out, "## Example\n\n```terraform\n",
                    absl::StripSuffix(extras.example, "\n"), "\n```\n\n");
  }
  if (!extras.remark.empty()) absl::StrAppend(&out, extras.remark, "\n\n");
  return out;
}

// With one newline at the end.
std::string Ended(std::string text) {
  while (absl::EndsWith(text, "\n")) text.pop_back();
  return text + "\n";
}

std::string SchemaPage(const std::string& name, const tf::Schema& schema,
                       const Extras& extras) {
  return Ended(absl::StrCat(Head(name, name, schema.doc, extras),
                            "## Schema\n\n", SchemaText(schema),
                            extras.appendix));
}

std::string FunctionPage(const tf::Function& function, const Extras& extras) {
  std::string out = absl::StrCat(
      Head(function.name, function.name, function.doc, extras),
      "Terraform has functions of providers from 1.8 on, OpenTofu from 1.7 on. "
      "`terraform console` can call them, `tofu console` cannot.\n\n"
      "## Arguments\n\n");
  const auto add = [&out](const tf::Parameter& parameter,
                          absl::string_view dots) {
    absl::StrAppend(&out,
                    LineOf("", absl::StrCat(parameter.name, dots),
                           {TypeName(parameter.type)}, parameter.doc, false));
  };
  for (const tf::Parameter& each : function.parameters) add(each, "");
  if (function.variadic.has_value()) add(*function.variadic, "...");
  if (!extras.appendix.empty()) absl::StrAppend(&out, "\n", extras.appendix);
  return Ended(std::move(out));
}

}  // namespace

std::string SchemaText(const tf::Schema& schema) {
  std::vector<Nested> nested;
  std::string blocks;
  std::vector<Nested> of_blocks;
  for (const tf::Block& block : schema.blocks) {
    absl::StrAppend(&blocks,
                    LineOf(block.name, block.name, {"Block"}, block.doc, true));
    of_blocks.push_back({block.name, &block.attributes});
  }
  std::string out = Groups(schema.attributes, "", blocks, "### ", "", nested);
  nested.insert(nested.end(), of_blocks.begin(), of_blocks.end());
  // Grows while it is read: each section is followed by those inside of it.
  while (!nested.empty()) {
    const Nested next = nested.front();
    nested.erase(nested.begin());
    std::vector<Nested> inside;
    absl::StrAppend(
        &out, "<a id=\"", AnchorOf(next.path), "\"></a>\n### `", next.path,
        "`\n\n",
        Groups(*next.attributes, next.path + ".", "", "", ":", inside));
    nested.insert(nested.begin(), inside.begin(), inside.end());
  }
  return out;
}

std::map<std::string, std::string> Pages(const tf::Provider& provider,
                                         absl::string_view type,
                                         const ExtrasOf& extras_of) {
  std::map<std::string, std::string> out;
  const auto add = [&](const std::string& page, const auto& render) {
    out[page + ".md"] = render(extras_of(page));
  };
  const auto file = [prefix = absl::StrCat(type, "_")](absl::string_view folder,
                                                       absl::string_view name) {
    return absl::StrCat(folder, "/", absl::StripPrefix(name, prefix));
  };
  add("index", [&](const Extras& extras) {
    return Ended(absl::StrCat(
        Head(absl::StrCat("Provider: ", type), absl::StrCat(type, " provider"),
             provider.schema().doc, extras),
        "## Arguments\n\n", SchemaText(provider.schema()), extras.appendix));
  });
  for (const auto& resource : provider.parts().resources) {
    const std::string& name = resource->type_name();
    add(file("resources", name), [&](const Extras& extras) {
      return SchemaPage(name, resource->schema(), extras);
    });
  }
  const auto add_sources = [&](const char* folder, const auto& sources) {
    for (const auto& source : sources) {
      const std::string& name = source->type_name();
      add(file(folder, name), [&](const Extras& extras) {
        return SchemaPage(name, source->schema(), extras);
      });
    }
  };
  add_sources("data-sources", provider.parts().data_sources);
  add_sources("ephemeral-resources", provider.parts().ephemeral_resources);
  for (const tf::Function& function : provider.parts().functions) {
    add(file("functions", function.name),
        [&](const Extras& extras) { return FunctionPage(function, extras); });
  }
  return out;
}

}  // namespace docs
