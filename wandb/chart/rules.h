// What the chart's values demand of one another: one table (rules.cc), read
// from the templates of operator-wandb 0.43.8. Broken by typed settings alone a
// rule is an error at the setting; broken by the values that the operator will
// use it is a finding.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/value_view.h"

namespace wandb {

enum class RuleKind {
  // Where `path` is set, the `others` have no effect.
  kExclusive,
  // Of the `others` either all are set, or none.
  kTogether,
  // Where `path` has anything, all of the `others` must be set.
  kNeeds,
  // Where one of the `others` is set, `path` must be.
  kNeededBy,
  // Where `path` is true, the one of `others` must be, too.
  kSwitchedTogether,
  // `path` may be set only where the condition holds.
  kOnlyWhere,
};

struct Rule {
  absl::string_view finding;  // Its id, in finding_kinds.cc.
  RuleKind kind;
  std::string path;
  std::vector<std::string> others;
  // What goes on after the place, without its full stop. `$0` is `path`, `$1`
  // the first of the others, and so on.
  absl::string_view message;
  // Where it is reported; "": at `path`.
  std::string at;
  // Applies only (kOnlyWhere: holds only) where the text at `when` is one of
  // `is`, or, with `is_not`, is none of them. Nothing is said while the text is
  // not known; not set is no text.
  std::string when;
  std::vector<absl::string_view> is;
  bool is_not = false;
  // Says something only where all layers are known: a lower one may have what
  // is missed.
  bool all_layers = false;

  const std::string& place() const { return at.empty() ? path : at; }
  // All paths that it is about.
  std::vector<std::string> paths() const;
  // `message` with the names that `name` gives to paths.
  std::string Text(
      const std::function<std::string(absl::string_view)>& name) const;
};

const std::vector<Rule>& Rules();

// Whether `values` break `rule`; false while unknowns leave it open.
bool IsBroken(const Rule& rule, const ValueView& values);

}  // namespace wandb
