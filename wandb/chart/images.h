// The images that a specification makes a cluster pull: what stands in
// image_table.h, with the values over it, as the templates of the chart print
// it. Those of its tests, which only `helm test` runs, are not among them.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

// An image at one place.
struct ImageUse {
  std::string path;       // Of the values: "app.image".
  std::string reference;  // As a pod has it.
  // Where it comes from: the same without what global.repositoryPrefix and
  // global.imageRegistry make of it.
  std::string origin;
  // Whether global.repositoryPrefix goes before the whole of `origin`. Else
  // only what follows its registry may be kept below another one.
  bool prefixed = false;
};

struct ImageList {
  std::vector<ImageUse> uses;  // By path.
  // Places of which neither the values nor the table say the whole name, and
  // parts of which the table has no images.
  std::vector<std::string> unknown;
};

// Whether the defaults of chart `version` are in the table.
bool KnowsImages(absl::string_view version);

// Of `values`, which must be wholly known, in chart `version`. Of one that
// KnowsImages() denies, or "", the places are those of kLastImages, without
// defaults.
ImageList ImagesOf(const base::Json& values, absl::string_view version);

// `use.origin` as it is called below `registry` ("registry.example.com/wandb"):
// what the chart asks for where both of its keys are `registry`, if it reads
// one for this image.
std::string BelowRegistry(const ImageUse& use, absl::string_view registry);
// Likewise of any image that no key of the chart is for.
std::string BelowRegistry(absl::string_view reference,
                          absl::string_view registry);

}  // namespace wandb
