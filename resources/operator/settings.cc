#include "resources/operator/settings.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/never_destroyed.h"
#include "provider/tf/validators.h"

namespace resources {
namespace {

using cty::Value;
using A = OperatorArguments;
using Row = tf::Binding<A>;
using S = wandb::OperatorSettings;

// Whether a value says so little that an attribute without a default is null
// then. A bool always says something.
bool IsEmpty(bool) { return false; }
template <typename T>
bool IsEmpty(const T& value) {
  return value.empty();
}

// The attribute at `path`, whose last step is its name, kept in the member that
// `get` gives of settings. Where that holds something from the start, this is
// the attribute's default.
template <typename Get>
Row Setting(absl::string_view path, Get get, tf::AttributeSpec spec) {
  using T = std::decay_t<std::invoke_result_t<Get, S&>>;
  const T fallback = std::invoke(get, S());
  if (!IsEmpty(fallback)) {
    spec.use = tf::Use::kOptionalComputed;
    spec.fallback = tf::Codec<T>::Encode(fallback);
  }
  Row row;
  row.attribute =
      tf::AttributeFor<T>(path.substr(path.rfind('.') + 1), std::move(spec));
  row.decode = [path = std::string(path), get, fallback](const Value& value,
                                                         A& arguments) {
    arguments.unknown.erase(path);
    T& member = std::invoke(get, arguments.values);
    if (value.IsNull()) {
      member = fallback;
    } else if (value.IsWhollyKnown()) {
      member = tf::Codec<T>::Decode(value);
    } else {
      member = fallback;
      arguments.unknown.insert(path);
    }
  };
  row.encode = [path = std::string(path), get](const A& arguments) {
    const auto type = tf::Codec<T>::type();
    if (!arguments.Knows(path)) return Value::Unknown(type);
    const T& member = std::invoke(get, arguments.values);
    return IsEmpty(member) ? Value::Null(type) : tf::Codec<T>::Encode(member);
  };
  row.overlay = [encode = row.encode](const Value& base, const A& before,
                                      const A& after) {
    Value now = encode(after);
    return now == encode(before) ? base : now;
  };
  return row;
}

tf::Attribute GroupAttribute(absl::string_view name, std::string doc,
                             const std::vector<Row>& parts) {
  tf::NestedObject nested;
  for (const Row& part : parts) nested.attributes.push_back(part.attribute);
  return {.name = std::string(name),
          .type = tf::NestedType(nested),
          .nested = std::make_shared<const tf::NestedObject>(nested),
          .spec = {.use = tf::Use::kOptionalComputed, .doc = std::move(doc)}};
}

// A nested attribute of these parts. It has a default, in which each part has
// its own.
Row Group(absl::string_view name, std::string doc, std::vector<Row> rows) {
  const auto parts = std::make_shared<const std::vector<Row>>(std::move(rows));
  Row row;
  row.attribute = GroupAttribute(name, std::move(doc), *parts);
  row.decode = [parts](const Value& value, A& arguments) {
    for (const Row& part : *parts) {
      const tf::Attribute& attribute = part.attribute;
      part.decode(value.IsUnknown() ? Value::Unknown(attribute.type)
                  : value.IsNull()  ? Value::Null(attribute.type)
                                    : value.At(attribute.name),
                  arguments);
    }
  };
  row.encode = [parts, type = row.attribute.type](const A& arguments) {
    std::map<std::string, Value> fields;
    for (const Row& part : *parts) {
      fields[part.attribute.name] = part.encode(arguments);
    }
    return Value::ObjectOf(type, std::move(fields));
  };
  row.overlay = [parts, encode = row.encode](const Value& base, const A& before,
                                             const A& after) {
    Value now = encode(after);
    if (now == encode(before)) return base;
    if (!base.IsKnown()) return now;
    std::map<std::string, Value> fields = base.fields();
    for (const Row& part : *parts) {
      Value& value = fields[part.attribute.name];
      value = part.overlay(value, before, after);
    }
    return Value::ObjectOf(base.type(), std::move(fields));
  };
  row.attribute.spec.fallback = row.encode(A());
  return row;
}

Row ImageRow() {
  return Group(
      "image", "Image of the controller manager.",
      {
          Setting("image.repository",
                  [](auto&& s) -> auto& { return s.image.repository; },
                  {.doc = "Image without tag. Default `wandb/controller`.",
                   .example = "\"registry.example.com/wandb/controller\"",
                   .validators = {tf::NotEmpty()}}),
          Setting("image.tag", [](auto&& s) -> auto& { return s.image.tag; },
                  {.doc = "Version of the operator. Default `1.22.0`.",
                   .example = "\"1.22.0\"",
                   .validators = {tf::NotEmpty()}}),
          Setting("image.digest",
                  [](auto&& s) -> auto& { return s.image.digest; },
                  {.doc = "Digest `sha256:…`; wins over `tag`."}),
          Setting("image.pull_policy",
                  [](auto&& s) -> auto& { return s.image.pull_policy; },
                  {.doc = "`Always` (default), `IfNotPresent` or `Never`.",
                   .allowed = wandb::PullPolicies(),
                   .validators = {tf::OneOf(wandb::PullPolicies())}}),
          Setting("image.pull_secrets",
                  [](auto&& s) -> auto& { return s.image.pull_secrets; },
                  {.doc = "Names of image pull Secrets in the operator's "
                          "namespace.",
                   .validators = {tf::Each(tf::NotEmpty())}}),
      });
}

// A step of a path: a name, or the position in a list.
struct Step {
  std::string name;
  std::optional<size_t> index;
};

// nullopt for a path with other steps (`charts["x"]`).
std::optional<std::vector<Step>> StepsOf(absl::string_view path) {
  std::vector<Step> steps;
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    const size_t bracket = part.find('[');
    steps.push_back({.name = std::string(part.substr(0, bracket))});
    if (bracket == absl::string_view::npos) continue;
    absl::string_view digits = part.substr(bracket + 1);
    size_t index = 0;
    if (!absl::ConsumeSuffix(&digits, "]") ||
        !absl::SimpleAtoi(digits, &index)) {
      return std::nullopt;
    }
    steps.push_back({.name = {}, .index = index});
  }
  return steps;
}

// `value` without what is at these steps: an attribute becomes null, an element
// goes. nullopt if nothing is there.
std::optional<Value> Without(const Value& value, const std::vector<Step>& steps,
                             size_t from) {
  if (from == steps.size()) return Value::Null(value.type());
  const Step& step = steps[from];
  if (!value.IsKnown()) return std::nullopt;
  if (step.index.has_value()) {
    if (value.type().kind() != cty::Type::Kind::kList ||
        *step.index >= value.elements().size()) {
      return std::nullopt;
    }
    std::vector<Value> rest = value.elements();
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(*step.index));
    return Value::List(value.type().element(), std::move(rest));
  }
  if (value.type().kind() != cty::Type::Kind::kObject) return std::nullopt;
  std::map<std::string, Value> fields = value.fields();
  const auto field = fields.find(step.name);
  if (field == fields.end()) return std::nullopt;
  auto without = Without(field->second, steps, from + 1);
  if (!without.has_value()) return std::nullopt;
  field->second = *std::move(without);
  return Value::ObjectOf(value.type(), std::move(fields));
}

}  // namespace

const tf::Bindings<A>& OperatorArguments::Fields() {
  static const base::NeverDestroyed<std::vector<Row>> kRows(std::vector<Row>{
      Setting("name", &S::name,
              {.replace_on_change = true,
               .doc = "Prefix of the operator's objects. Default `wandb`.",
               .validators = {tf::DnsLabel(40)}}),
      Setting("namespace", &S::ns,
              {.replace_on_change = true,
               .doc = "Namespace that the operator runs in. Default `wandb`.",
               .validators = {tf::DnsLabel()}}),
      Setting("create_namespace", &S::create_namespace,
              {.doc = "Create the namespace if it does not exist. One that "
                      "exists is used and never deleted. Default `true`."}),
      ImageRow(),
      Setting("airgapped", &S::airgapped,
              {.doc = "Never ask the release channel; instances then need a "
                      "chart of their own. Default `false`."}),
      Setting("custom_ca_certs", &S::custom_ca_certs,
              {.doc = "Certificates that the operator trusts in addition, one "
                      "PEM certificate each.",
               .example = "[file(\"ca.pem\")]",
               .validators = {tf::Each(tf::NotEmpty())}}),
      Setting("release_channel_url", &S::release_channel_url,
              {.doc = "Base URL of the release channel, in place of W&B's own.",
               .validators = {tf::HttpUrl()}}),
      Setting("node_selector", &S::node_selector,
              {.doc = "Labels that a node must have for the controller manager "
                      "to run on it.",
               .example = "{ \"kubernetes.io/arch\" = \"amd64\" }"}),
  });
  return *kRows;
}

bool LeaveOut(absl::string_view path, wandb::OperatorSettings& settings) {
  const auto steps = StepsOf(path);
  if (!steps.has_value()) return false;
  A arguments = {.values = settings};
  for (const Row& row : A::Fields()) {
    // What names the operator is not a setting of it.
    if (row.attribute.name != steps->front().name ||
        row.attribute.spec.replace_on_change) {
      continue;
    }
    const Value before = row.encode(arguments);
    const auto without = Without(before, *steps, 1);
    if (!without.has_value()) return false;
    row.decode(*without, arguments);
    settings = arguments.values;
    return !(row.encode(arguments) == before);
  }
  return false;
}

void ReportSettings(const absl::Status& status, tf::Diagnostics& diags) {
  const std::string message(status.message());
  const std::vector<std::string> parts =
      absl::StrSplit(message, absl::MaxSplits(": ", 1));
  std::vector<std::string> steps = absl::StrSplit(parts[0], '.');
  // The source line is found by the root; the message names the whole path.
  const std::string root = steps[0].substr(0, steps[0].find('['));
  diags.AddError(cty::Path(root), "Invalid operator settings", message);
}

}  // namespace resources
