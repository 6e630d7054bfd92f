#include "wandb/chart/images.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/chart/image_table.h"
#include "wandb/value_view.h"

namespace wandb {
namespace {

using base::Json;

std::vector<std::string> StepsOf(absl::string_view path) {
  return absl::StrSplit(path, '.');
}

// What is at `path`, made where there is nothing.
Json& At(Json& tree, absl::string_view path) {
  Json* node = &tree;
  for (const std::string& step : StepsOf(path)) node = &(*node)[step];
  return *node;
}

bool IsOf(const ImageRow& row, absl::string_view version) {
  return (row.since.empty() ||
          CompareVersions(version, row.since).value_or(0) >= 0) &&
         (row.until.empty() ||
          CompareVersions(version, row.until).value_or(0) < 0);
}

// The rows of chart `version`, by path.
std::map<absl::string_view, const ImageRow*> RowsOf(absl::string_view version) {
  std::map<absl::string_view, const ImageRow*> rows;
  for (const ImageRow& row : ImageTable()) {
    if (IsOf(row, version)) rows[row.path] = &row;
  }
  return rows;
}

// As a template prints it; "" where it takes it for nothing.
std::string Printed(const Json& image, const char* key) {
  if (!image.is_object()) return "";
  const auto value = image.find(key);
  if (value == image.end() || value->is_null() || value->is_structured()) {
    return "";
  }
  return value->is_string() ? value->get<std::string>()
                            : base::DumpJson(*value);
}

class Images {
 public:
  Images(const Json& values, absl::string_view version)
      : known_(KnowsImages(version)),
        knows_subcharts_(CompareVersions(version, kLastSubcharts).value_or(1) <=
                         0),
        rows_(RowsOf(known_ ? version : kLastImages)),
        values_(OverDefaults(values, Defaults(version))),
        view_(values_),
        prefix_(view_.Text("global.repositoryPrefix")),
        registry_(view_.Text("global.imageRegistry")) {}

  ImageList List() {
    for (const auto& [path, row] : rows_) {
      const Json* image = view_.Value(path);
      if (AreOn(row->when)) {
        Add(path, image == nullptr ? Json() : *image, *row);
      }
    }
    for (const absl::string_view component : Components()) {
      const Json* section = view_.Value(component);
      // The place of its own image says how it names others.
      const auto row = rows_.find(absl::StrCat(component, ".image"));
      if (section != nullptr && row != rows_.end() &&
          AreOn(row->second->when)) {
        AddPods(std::string(component), *section, *row->second);
      }
    }
    for (const UnlistedPart& part : UnlistedParts()) {
      if (AreOn(part.when)) list_.unknown.emplace_back(part.path);
    }
    std::sort(
        list_.uses.begin(), list_.uses.end(),
        [](const ImageUse& a, const ImageUse& b) { return a.path < b.path; });
    std::sort(list_.unknown.begin(), list_.unknown.end());
    return std::move(list_);
  }

 private:
  Json Defaults(absl::string_view version) const {
    Json out = ChartDefaults(known_ ? version : kLastImages);
    for (const absl::string_view path : SwitchesOn()) At(out, path) = true;
    for (const auto& [path, row] : rows_) {
      if (!HasDefault(*row)) continue;
      At(out, path) = {{"repository", row->repository}, {"tag", row->tag}};
      if (!row->registry.empty()) At(out, path)["registry"] = row->registry;
    }
    return out;
  }

  bool HasDefault(const ImageRow& row) const {
    return known_ && !row.repository.empty() &&
           (knows_subcharts_ || !row.subchart);
  }

  bool IsFirstOn(absl::string_view paths) const {
    for (const absl::string_view path : absl::StrSplit(paths, ',')) {
      const Json* value = view_.Value(path);
      if (value != nullptr && value->is_boolean()) return value->get<bool>();
    }
    return false;
  }

  bool IsAnyOn(absl::string_view pattern) const {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pattern, absl::MaxSplits(".*.", 1));
    const Json* map = view_.Value(parts.first);
    if (map == nullptr || !map->is_object()) return false;
    for (const auto& [key, value] : map->items()) {
      if (key != "default" && IsOn(ValueView(value), parts.second)) return true;
    }
    return false;
  }

  bool AreOn(absl::string_view when) const {
    for (const absl::string_view path : absl::StrSplit(when, '&')) {
      const bool on = absl::StrContains(path, '*')   ? IsAnyOn(path)
                      : absl::StrContains(path, ',') ? IsFirstOn(path)
                                                     : IsOn(view_, path);
      if (!on) return false;
    }
    return true;
  }

  // ":tag" or "@digest"; nullopt where it cannot be told.
  std::optional<std::string> Version(const Json& image,
                                     const ImageRow& row) const {
    const std::string digest = row.digest ? Printed(image, "digest") : "";
    if (!digest.empty()) return absl::StrCat("@", digest);
    const std::string tag = Printed(image, "tag");
    if (!tag.empty()) return absl::StrCat(":", tag);
    // The chart's own default may be another one than what its templates make
    // of nothing.
    const bool is_component = row.rewriting == Rewriting::kPrefix && row.digest;
    if (!HasDefault(row)) return std::nullopt;
    if (is_component) return ":latest";
    if (row.registry.empty() && row.digest) {
      return absl::StrCat(":", row.tag);
    }
    return std::nullopt;
  }

  void Add(absl::string_view path, const Json& image, const ImageRow& row) {
    const std::string repository = Printed(image, "repository");
    const auto version = Version(image, row);
    if (repository.empty() || !version.has_value()) {
      list_.unknown.emplace_back(path);
      return;
    }
    const std::string registry =
        row.registry.empty() ? "" : Printed(image, "registry");
    const auto below = [&](absl::string_view place) {
      return absl::StrCat(place, place.empty() ? "" : "/", repository,
                          *version);
    };
    const bool prefixed = row.rewriting == Rewriting::kPrefix;
    const bool replaced = row.rewriting == Rewriting::kRegistry;
    list_.uses.push_back(
        {.path = std::string(path),
         .reference = below(prefixed                         ? prefix_
                            : replaced && !registry_.empty() ? registry_
                                                             : registry),
         .origin = below(registry),
         .prefixed = prefixed});
  }

  // The containers of the pods that `section` describes, as far as they name
  // images of their own.
  void AddPods(const std::string& path, const Json& section,
               const ImageRow& row) {
    for (const char* kind : {"containers", "initContainers"}) {
      ForEachEnabled(section, kind,
                     [&](const std::string& name, const Json& container) {
                       const std::string at =
                           absl::StrCat(path, ".", kind, ".", name, ".image");
                       const auto image = container.find("image");
                       // The component's own serves where there is nothing.
                       if (image == container.end() || !image->is_object() ||
                           image->empty() || rows_.count(at) > 0) {
                         return;
                       }
                       Add(at, *image, row);
                     });
    }
    for (const char* kind : {"jobs", "cronJobs"}) {
      ForEachEnabled(
          section, kind, [&](const std::string& name, const Json& job) {
            AddPods(absl::StrCat(path, ".", kind, ".", name), job, row);
          });
    }
  }

  template <typename Visit>
  static void ForEachEnabled(const Json& section, const char* kind,
                             Visit visit) {
    const auto map = section.find(kind);
    if (map == section.end() || !map->is_object()) return;
    for (const auto& [name, member] : map->items()) {
      if (!member.is_object()) continue;
      // A text is a template, which may come to anything.
      const auto enabled = member.find("enabled");
      if (enabled != member.end() &&
          (*enabled == false || *enabled == "false")) {
        continue;
      }
      visit(name, member);
    }
  }

  const bool known_, knows_subcharts_;
  const std::map<absl::string_view, const ImageRow*> rows_;
  const Json values_;  // Over the defaults.
  const ValueView view_;
  const std::string prefix_, registry_;
  ImageList list_;
};

}  // namespace

bool KnowsImages(absl::string_view version) {
  const auto first = CompareVersions(version, kFirstImages);
  const auto last = CompareVersions(version, kLastImages);
  return first.has_value() && last.has_value() && *first >= 0 && *last <= 0;
}

ImageList ImagesOf(const Json& values, absl::string_view version) {
  return Images(values, version).List();
}

std::string BelowRegistry(absl::string_view reference,
                          absl::string_view registry) {
  const absl::string_view first = reference.substr(0, reference.find('/'));
  // As container engines tell a registry from a part of a repository.
  const bool is_host = first.size() < reference.size() &&
                       (absl::StrContains(first, '.') ||
                        absl::StrContains(first, ':') || first == "localhost");
  if (is_host) reference.remove_prefix(first.size() + 1);
  return absl::StrCat(absl::StripSuffix(registry, "/"), "/", reference);
}

std::string BelowRegistry(const ImageUse& use, absl::string_view registry) {
  if (!use.prefixed) return BelowRegistry(use.origin, registry);
  return absl::StrCat(absl::StripSuffix(registry, "/"), "/", use.origin);
}

}  // namespace wandb
