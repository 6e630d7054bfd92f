#include "wandb/findings/check_name.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"

namespace wandb {
namespace {

// What the API server takes for a name.
constexpr size_t kCronJob = 52;  // Behind it go the times of its Jobs.
constexpr size_t kLabel = 63;    // Of a Job it is a label, of a Service a host.

// An object that is named `<release>-<something>`, and not cut.
struct Named {
  absl::string_view kind;
  absl::string_view end;
  size_t most;
  absl::string_view install;  // The switch that it is made by.
  absl::string_view since;    // First chart version that makes it.
  bool by_default = false;    // Made where the switch is not set.
  // Part of a release's name which then stands for the first part of `end`.
  absl::string_view stands_in = "";

  size_t longest() const { return most - end.size(); }
};

// Those whose names get longest, rendered with charts from 0.14.17 to 0.44.0.
// Names of StatefulSets are left out: the API server takes longer ones than
// their pods can have.
constexpr Named kNamed[] = {
    {"CronJob", "-parquet-backfill", kCronJob, "parquet.install", "0.33.0"},
    {"CronJob", "-lumen-agent", kCronJob, "lumen-agent.install", "0.42.9"},
    {"Job", "-internal-signer-pre-hook", kLabel, "global.localService.bypass",
     "0.40.2"},
    {"Job", "-app-rename-post-hook", kLabel, "appRenamePostHook.install",
     "0.34.2", true},
    {"Job", "-app-rename-pre-hook", kLabel, "appRenamePreHook.install",
     "0.34.2", true},
    {"Service", "-redis-headless", kLabel, "redis.install", "", false, "redis"},
};

bool IsMade(const Named& object, const Checker& c) {
  const bool on = IsOn(c.rendered(), object.install) ||
                  (object.by_default && c.values().IsUnset(object.install));
  return !c.Before(object.since) && on &&
         (object.stands_in.empty() ||
          (!absl::StrContains(c.instance(), object.stands_in) &&
           c.values().IsUnset("redis.fullnameOverride") &&
           c.values().IsUnset("redis.nameOverride")));
}

}  // namespace

void CheckName(Checker& checker) {
  const Named* worst = nullptr;
  for (const Named& each : kNamed) {
    if (checker.instance().size() <= each.longest() || !IsMade(each, checker)) {
      continue;
    }
    if (worst == nullptr || each.longest() < worst->longest()) worst = &each;
  }
  if (worst == nullptr) return;
  const std::string& version = checker.chart_version();
  checker.AddWhole(
      "name-too-long", "",
      absl::StrCat("The name of the instance has ", checker.instance().size(),
                   " characters, and chart ",
                   version.empty() ? kCataloguedChart : version,
                   " puts it before ", worst->end, " in the name of a ",
                   worst->kind, ", of which the API server takes ", worst->most,
                   " characters: the release is refused. Choose a name of up "
                   "to ",
                   worst->longest()));
}

}  // namespace wandb
