#include "wandb/findings/check_references.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/chart/catalogue.h"
#include "wandb/unknown.h"
#include "wandb/value_view.h"

namespace wandb {

using base::Json;

bool SaysNothingYet(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return value.is_null() || UnknownKind(value).has_value() ||
         (text != nullptr && absl::StrContains(*text, "{{"));
}

void CheckValueFrom(const Path& path, const Json& value, Checker& checker) {
  const auto below = [&](const std::vector<std::string>& keys) {
    Path place = path;
    for (const std::string& key : keys) place.push_back(Step::Key(key));
    return FormatPath(place);
  };
  const auto source = value.find("valueFrom");
  if (source != value.end() && SaysNothingYet(*source)) return;
  if (value.size() != 1 || source == value.end() || !source->is_object() ||
      source->size() != 1) {
    checker.Add("reference-form", FormatPath(path),
                absl::StrCat("is a map of another form than a reference has. "
                             "Write ",
                             kReference));
    return;
  }
  const std::string kind = source->begin().key();
  const Json& reference = source->front();
  if (SaysNothingYet(reference) || kind == "fieldRef" ||
      kind == "resourceFieldRef" || kind == "fileKeyRef") {
    return;
  }
  if (kind != "secretKeyRef" && kind != "configMapKeyRef") {
    checker.Add("reference-form", below({"valueFrom", kind}),
                "is no kind of reference. Write secretKeyRef or "
                "configMapKeyRef");
    return;
  }
  for (const char* part : {"name", "key"}) {
    const auto text = reference.find(part);
    if (text != reference.end() && (UnknownKind(*text).has_value() ||
                                    (text->is_string() && *text != Json("")))) {
      continue;
    }
    checker.Add("reference-form", below({"valueFrom", kind, part}),
                "must be text and not empty: the API server refuses the "
                "reference otherwise. Write it");
  }
}

void CheckSecretKeys(Checker& checker) {
  const ValueView own(checker.own().values);
  for (const CatalogueEntry* entry : Catalogue()) {
    if (entry->key_of.empty() || !checker.values().IsSet(entry->key_of)) {
      continue;
    }
    const Json* key = checker.values().Value(entry->path);
    if (key == nullptr || (!key->is_null() && *key != Json(""))) continue;
    if (own.Value(entry->path) == nullptr &&
        own.Value(entry->key_of) == nullptr) {
      continue;
    }
    checker.Add("reference-form", std::string(entry->path),
                "is empty, which takes the chart's default away: pods would "
                "refer to no key of the Secret, and the API server refuses "
                "them. Leave it out, or write the key's name");
  }
}

}  // namespace wandb
