// The chart of a specification layer, as the operator reads it.
//
// The operator tries local, oci, repo in this order. What matches none (a field
// of another JSON type is enough) counts as no chart at all, and the next
// layer's chart is used without a word.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

// W&B's own.
inline constexpr char kChartRepository[] = "https://charts.wandb.ai";
inline constexpr char kChartName[] = "operator-wandb";

enum class ChartKind { kLocal, kOci, kRepo };

// "local", "oci", "repo".
absl::string_view ChartKindName(ChartKind kind);

struct Chart {
  ChartKind kind;
  // "" where the kind has no such field or it isn't given.
  std::string url;
  std::string name;
  std::string version;  // Repo: "" is the newest.
  std::string path;     // On the manager's file system.
};

// `chart` as users write it, as the custom resource has it: a version alone
// (debug may stand beside it) is one of W&B's own chart.
base::Json CompleteChart(base::Json chart);

// The operator's reading of `chart`; nullopt where it sees none, and while a
// field is unknown.
std::optional<Chart> ParseChart(const base::Json& chart);

// OK if ParseChart() gives a chart without surprise, if `chart` is null, or
// while a field is unknown. It is a surprise where `version` is not one version
// but any of several. kInvalidArgument names the attribute ("chart.version:
// ..."), what the operator would do, and what to write instead.
absl::Status CheckChart(const base::Json& chart);

// `chart` as it may be shown and stored: the fields that the operator reads,
// with placeholders of the same kind for user and password, and without the
// credentials in the others. ParseChart() reads it like `chart`. Unknowns and
// what is no map stay.
base::Json ShownChart(const base::Json& chart);

// Which chart it is, for a message, without credentials: "operator-wandb 0.43.8
// of https://charts.test", "/charts/x". "" if ParseChart() sees none.
std::string DescribeChart(const base::Json& chart);

// The fields of `chart` that the operator keeps, without those that are empty:
// two charts with equal canonical form are the same to it. Null for no chart.
base::Json CanonicalChart(const base::Json& chart);

}  // namespace wandb
