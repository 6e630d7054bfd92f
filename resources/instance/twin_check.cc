#include "resources/instance/twin_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "resources/instance/desired.h"
#include "resources/instance/write_only.h"
#include "wandb/settings/write_only.h"
#include "wandb/spec/scrub.h"

namespace resources {
namespace {

// Messages with the settings' names in them, as the twins', and none of the
// texts.
class TwinWords {
 public:
  explicit TwinWords(const InstanceModel& config)
      : settings_(SetTwins(config).value_or({})),
        scrubber_(WriteOnlyTexts(config)) {}

  bool HasTwin(const std::string& setting) const {
    return std::find(settings_.begin(), settings_.end(), setting) !=
           settings_.end();
  }
  std::string In(const std::string& message) const {
    std::string text = message;
    for (const std::string& setting : settings_) {
      text = absl::StrReplaceAll(
          text, {{absl::StrCat("`", setting, "`"),
                  absl::StrCat("`", wandb::WriteOnlyTwinOf(setting), "`")}});
    }
    return scrubber_.Scrub(text);
  }

 private:
  const std::vector<std::string> settings_;
  const wandb::Scrubber scrubber_;
};

bool Has(const tf::Diagnostics& diags, const tf::Diagnostic& diagnostic) {
  return std::find(diags.items().begin(), diags.items().end(), diagnostic) !=
         diags.items().end();
}

}  // namespace

void CheckTwinTexts(const InstanceModel& config, tf::Diagnostics& diags) {
  if (SetTwins(config).value_or({}).empty()) return;
  const TwinWords words(config);
  const tf::Diagnostics plain = Desired(config).compiled.diags;
  for (tf::Diagnostic each :
       Desired(WithTwinsInPlace(config)).compiled.diags.items()) {
    if (Has(plain, each)) continue;
    each.detail = words.In(each.detail);
    diags.Add(std::move(each));
  }
}

std::vector<wandb::Problem> TwinFindings(const InstanceModel& config,
                                         const RecordedLayers& layers) {
  if (SetTwins(config).value_or({}).empty()) return {};
  const TwinWords words(config);
  auto found = EvaluateOver(Desired(WithTwinsInPlace(config)), layers).findings;
  std::erase_if(found, [&](const wandb::Problem& each) {
    return (each.id != "url-password" && each.id != "stray-space") ||
           !each.source.has_value() || !words.HasTwin(each.source->attribute);
  });
  for (wandb::Problem& each : found) {
    each.source->attribute = wandb::WriteOnlyTwinOf(each.source->attribute);
    each.message =
        absl::StrCat(each.source->attribute, ": ", words.In(each.message));
  }
  return found;
}

}  // namespace resources
