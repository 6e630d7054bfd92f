// The attributes of wandb_operator that say what it is made of, each one row of
// a table: schema, defaults, decoding, encoding and what is unknown follow from
// the row and from the member of wandb::OperatorSettings that it names. To add
// one: a row in settings.cc, what it does to a manifest in
// wandb/operator/manifests.cc and, for an import, how it is read back in
// wandb/operator/deployment.cc.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "provider/tf/binding.h"
#include "provider/tf/diagnostics.h"
#include "wandb/operator/settings.h"

namespace resources {

// What a configuration, a plan or a state says of them. An attribute that is
// left out has its default; one without a default is null where its member is
// empty.
struct OperatorArguments {
  wandb::OperatorSettings values;  // Defaults in the place of unknowns.
  std::set<std::string> unknown;   // Paths: "airgapped", "image.tag".

  // The table.
  static const tf::Bindings<OperatorArguments>& Fields();

  bool Knows(absl::string_view path) const {
    return unknown.count(std::string(path)) == 0;
  }
};

// The table as attributes of a model that keeps them in `member`.
template <typename M>
tf::Bindings<M> BindArguments(OperatorArguments M::*member) {
  tf::Bindings<M> fields;
  for (const auto& row : OperatorArguments::Fields()) {
    tf::Binding<M> field;
    field.attribute = row.attribute;
    field.decode = [member, decode = row.decode](const cty::Value& value,
                                                 M& model) {
      decode(value, model.*member);
    };
    field.encode = [member, encode = row.encode](const M& model) {
      return encode(model.*member);
    };
    field.overlay = [member, overlay = row.overlay](const cty::Value& base,
                                                    const M& before,
                                                    const M& after) {
      return overlay(base, before.*member, after.*member);
    };
    fields.push_back(std::move(field));
  }
  return fields;
}

// Gives the attribute at `path`, as CheckOperatorSettings() names it, its
// default, or takes the element of a list at `path` away. False where that
// changes nothing, and for name and namespace.
bool LeaveOut(absl::string_view path, wandb::OperatorSettings& settings);

// `error.path: message` of wandb/ as a diagnostic on that attribute.
void ReportSettings(const absl::Status& status, tf::Diagnostics& diags);

}  // namespace resources
