// Inside FindMistakes(): where its parts look values up and put findings.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/problem.h"
#include "wandb/spec/layers.h"
#include "wandb/spec/spec.h"
#include "wandb/value_view.h"

namespace wandb {

class Checker {
 public:
  // Both live as long as this.
  Checker(const SpecRequest& request, const EffectiveSpec& effective);

  // What is judged.
  const SpecLayer& own() const { return own_; }

  // `message` goes on after the path: "global.x" "is wrong. Do this".
  void Add(absl::string_view id, const std::string& path,
           const std::string& message);
  // Of severity info, whatever is usual for `id`.
  void AddInfo(absl::string_view id, const std::string& path,
               const std::string& message);
  // With a word on the chart version that was assumed.
  void AddVersioned(absl::string_view id, const std::string& path,
                    const std::string& message);
  // `message` is a whole sentence, without its full stop.
  void AddWhole(absl::string_view id, const std::string& path,
                const std::string& message);

  // Of the effective chart; "" if it isn't known.
  const std::string& chart_version() const { return chart_version_; }
  // Whether the chart that runs is older than `version`; false when unknown.
  bool Before(absl::string_view version) const;
  // Whether it is newer than all that is known here; false when unknown.
  bool ChartIsNewer() const;

  const ValueView& values() const { return values_; }  // The effective ones.
  // The effective ones over ChartDefaults().
  const ValueView& rendered() const { return rendered_; }
  // Whether the custom resource says something at or below `path`.
  bool IsOwn(absl::string_view path) const;
  bool airgapped() const { return request_.airgapped; }
  // Name of the custom resource; "" while it isn't known.
  const std::string& instance() const { return request_.instance; }
  // Whether Add() was called with these.
  bool Has(absl::string_view id, absl::string_view path) const;
  // Whether lower layers, which might set what is unset, are all known.
  bool all_layers() const { return all_layers_; }

  // Without those of what the chart makes nothing of.
  std::vector<Problem> Take() &&;

 private:
  // Whether the chart surely makes nothing of what is below `section`.
  bool IsSwitchedOff(absl::string_view section) const;

  const SpecRequest& request_;
  const SpecLayer& own_;
  const ValueView values_;
  std::string chart_version_;
  const base::Json rendered_values_;
  const ValueView rendered_;
  bool all_layers_;
  std::vector<Problem> findings_;
};

}  // namespace wandb
