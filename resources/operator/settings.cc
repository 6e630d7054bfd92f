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
#include "resources/operator/value_form.h"
#include "resources/shape_attribute.h"

namespace resources {
namespace {

using cty::Value;
using A = OperatorArguments;
using base::Json;
using Row = tf::Binding<A>;
using S = wandb::OperatorSettings;

// Whether a value says so little that an attribute without a default is null
// then. A bool always says something, and so does an empty object.
bool IsEmpty(bool) { return false; }
bool IsEmpty(const base::Json& value) { return value.is_null(); }
template <typename T>
bool IsEmpty(const T& value) {
  return value.empty();
}

// The row of `attribute` at `path`, kept in the member that `get` gives of
// settings. Where that holds something from the start, this is the attribute's
// default.
template <typename Get, typename T>
Row RowOf(absl::string_view path, Get get, tf::Attribute attribute,
          const ValueForm<T>& form) {
  const T fallback = std::invoke(get, wandb::OperatorSettings());
  if (!IsEmpty(fallback)) {
    attribute.spec.use = tf::Use::kOptionalComputed;
    attribute.spec.fallback = form.encode(fallback);
  }
  Row row;
  row.attribute = std::move(attribute);
  row.decode = [path = std::string(path), get, fallback, form](
                   const cty::Value& value, A& arguments) {
    arguments.unknown.erase(path);
    T& member = std::invoke(get, arguments.values);
    if (value.IsNull()) {
      member = fallback;
    } else if (value.IsWhollyKnown()) {
      member = form.decode(value);
    } else {
      member = fallback;
      arguments.unknown.insert(path);
    }
  };
  row.encode = [path = std::string(path), get, form](const A& arguments) {
    if (!arguments.Knows(path)) return cty::Value::Unknown(form.type);
    const T& member = std::invoke(get, arguments.values);
    return IsEmpty(member) ? cty::Value::Null(form.type) : form.encode(member);
  };
  row.overlay = [encode = row.encode](const cty::Value& base, const A& before,
                                      const A& after) {
    cty::Value now = encode(after);
    return now == encode(before) ? base : now;
  };
  return row;
}

absl::string_view LastStep(absl::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// The attribute at `path`, whose last step is its name, of a type that
// provider/tf knows.
template <typename Get>
Row Setting(absl::string_view path, Get get, tf::AttributeSpec spec) {
  using T = std::decay_t<std::invoke_result_t<Get, wandb::OperatorSettings&>>;
  return RowOf<Get, T>(path, get,
                       tf::AttributeFor<T>(LastStep(path), std::move(spec)),
                       {.type = tf::Codec<T>::type(),
                        .decode = &tf::Codec<T>::Decode,
                        .encode = &tf::Codec<T>::Encode});
}

// One of Kubernetes' own shape.
Row AnySetting(absl::string_view name, Json S::*member,
               tf::AttributeSpec spec) {
  return RowOf(name, member,
               tf::Attribute{std::string(name), cty::Type::Dynamic(), nullptr,
                             std::move(spec)},
               AnyForm());
}

Row ShapeSetting(absl::string_view name, Json S::*member, wandb::Shape shape,
                 tf::AttributeSpec spec) {
  tf::Attribute attribute =
      ShapeAttribute(std::string(name), shape, std::move(spec));
  const auto form = ShapeForm(attribute, shape);
  return RowOf(name, member, std::move(attribute), form);
}

Row ShapeSetting(absl::string_view path, std::vector<Json> S::*member,
                 wandb::Shape shape, tf::AttributeSpec spec) {
  tf::Attribute attribute =
      ShapeAttribute(std::string(LastStep(path)), shape, std::move(spec));
  const auto form = ListForm(attribute, shape);
  return RowOf(path, member, std::move(attribute), form);
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

// A nested attribute of these parts. Where one of them has a default, so has
// the whole, and each part its own in it; otherwise it may be null.
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
    bool is_said = false;
    for (const Row& part : *parts) {
      Value value = part.encode(arguments);
      is_said = is_said || !value.IsNull();
      fields[part.attribute.name] = std::move(value);
    }
    if (!is_said) return Value::Null(type);
    return Value::ObjectOf(type, std::move(fields));
  };
  row.overlay = [parts, encode = row.encode](const Value& base, const A& before,
                                             const A& after) {
    Value now = encode(after);
    if (now == encode(before)) return base;
    if (!base.IsKnown() || base.IsNull() || now.IsNull()) return now;
    std::map<std::string, Value> fields = base.fields();
    for (const Row& part : *parts) {
      Value& value = fields[part.attribute.name];
      value = part.overlay(value, before, after);
    }
    return Value::ObjectOf(base.type(), std::move(fields));
  };
  const Value fallback = row.encode(A());
  if (fallback.IsNull()) {
    row.attribute.spec.use = tf::Use::kOptional;
  } else {
    row.attribute.spec.fallback = fallback;
  }
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

Row ServiceAccountRow() {
  return Group(
      "service_account", "ServiceAccount of the controller manager.",
      {
          Setting("service_account.create", &S::create_service_account,
                  {.doc = "Make it. Otherwise there must be one of that name. "
                          "Default `true`."}),
          Setting("service_account.name", &S::service_account_name,
                  {.doc = "Name. Default `<name>-manager`, or `default` where "
                          "none is made.",
                   .example = "\"wandb-operator\"",
                   .validators = {tf::NotEmpty()}}),
      });
}

Row NamespaceIsolationRow() {
  return Group(
      "namespace_isolation",
      "Rights and work in some namespaces only: roles in each of them in place "
      "of a cluster role.",
      {
          Setting("namespace_isolation.enabled", &S::namespace_isolation,
                  {.doc = "Limit it to its own namespace and "
                          "`additional_namespaces`. W&B's chart makes "
                          "cluster roles by default, which it may not make "
                          "then: switch off what does. Default `false`."}),
          Setting("namespace_isolation.additional_namespaces",
                  &S::additional_namespaces,
                  {.doc = "Namespaces beside the operator's own. They must "
                          "exist.",
                   .example = "[\"team-a\"]",
                   .validators = {tf::Each(tf::DnsLabel())}}),
      });
}

Row RoleRulesRow() {
  return Group(
      "role_rules",
      "Rights of the controller manager beside those that W&B's chart gives "
      "it, and without them: in its cluster role or, with "
      "`namespace_isolation`, in each of its roles. W&B's chart has a list "
      "`role.rules` in their place; an import reads one as what differs. The "
      "operator can give the charts that it installs no right that it does "
      "not have itself.",
      {
          ShapeSetting(
              "role_rules.add", &S::added_rules, wandb::Shape::kRoleRules,
              {.doc = "Rules to add, behind the others.",
               .example = "[{ api_groups = [\"traefik.io\"], resources = "
                          "[\"middlewares\"], verbs = [\"*\"] }]"}),
          ShapeSetting(
              "role_rules.drop", &S::dropped_rules, wandb::Shape::kDroppedRules,
              {.doc = "Rights to leave out. One that is not there is an "
                      "error, which says what is. A warning says which of "
                      "them the operator cannot work without.",
               .example = "[{ api_groups = [\"keda.sh\"] }, { api_groups = "
                          "[\"\"], resources = [\"nodes/proxy\"] }]"}),
      });
}

// What the chart has for the pod.
std::vector<Row> PodRows() {
  return {
      ShapeSetting(
          "extra_env", &S::extra_env, wandb::Shape::kVariables,
          {.never_quoted = true,
           .doc = "Environment variables of the controller manager, in front "
                  "of those that it always has. An import reads all that no "
                  "other attribute sets into this one.",
           .example = "[{ name = \"HTTPS_PROXY\", value_from = { "
                      "secret_key_ref = { name = \"proxy\", key = \"url\" } "
                      "} }]"}),
      Setting("operator_env", &S::operator_env,
              {.never_quoted = true,
               .doc = "Environment variables with plain values, behind "
                      "`extra_env`.",
               .example = "{ ZAP_LOG_LEVEL = \"debug\" }"}),
      ShapeSetting("resources", &S::resources, wandb::Shape::kResources,
                   {.doc = "Resources of the controller manager. What is "
                           "given takes the place of the whole default; `{}` "
                           "is none.",
                    .example = "{ limits = { memory = \"4Gi\" }, requests = { "
                               "cpu = \"400m\", memory = \"512Mi\" } }"}),
      Setting("node_selector", &S::node_selector,
              {.doc = "Labels that a node must have for the controller manager "
                      "to run on it.",
               .example = "{ \"kubernetes.io/arch\" = \"amd64\" }"}),
      ShapeSetting("tolerations", &S::tolerations, wandb::Shape::kTolerations,
                   {.doc = "Taints of nodes that the controller manager "
                           "tolerates.",
                    .example = "[{ key = \"dedicated\", operator = \"Equal\", "
                               "value = \"wandb\", effect = \"NoSchedule\" "
                               "}]"}),
      AnySetting("affinity", &S::affinity,
                 {.doc = "Affinity of the pod as Kubernetes has it, in "
                         "camelCase.",
                  .example = "{ nodeAffinity = { "
                             "requiredDuringSchedulingIgnoredDuringExecution "
                             "= { nodeSelectorTerms = [{ matchExpressions = [{ "
                             "key = \"pool\", operator = \"In\", values = "
                             "[\"ops\"] }] }] } } }"}),
      Setting("pod_annotations", &S::pod_annotations,
              {.doc = "Annotations of the pod. A change restarts it.",
               .example = "{ team = \"ml\" }"}),
      ShapeSetting(
          "pod_security_context", &S::pod_security_context,
          wandb::Shape::kPodSecurityContext,
          {.doc = "Security context of the pod, in place of the default: "
                  "seccomp profile `RuntimeDefault`. The example and that of "
                  "`security_context` are what the level `restricted` of Pod "
                  "Security admits.",
           .example = "{ run_as_non_root = true, seccomp_profile = { type = "
                      "\"RuntimeDefault\" } }"}),
      ShapeSetting("security_context", &S::security_context,
                   wandb::Shape::kSecurityContext,
                   {.doc = "Security context of the container.",
                    .example = "{ allow_privilege_escalation = false, "
                               "capabilities = { drop = [\"ALL\"] } }"}),
  };
}

std::vector<Row> AllRows() {
  std::vector<Row> all({
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
      Setting("namespace_labels", &S::namespace_labels,
              {.doc = "Labels of the namespace, if this resource makes it.",
               .example = "{ \"pod-security.kubernetes.io/enforce\" = "
                          "\"restricted\" }"}),
      Setting("namespace_annotations", &S::namespace_annotations,
              {.doc = "Annotations of the namespace, if this resource makes "
                      "it.",
               .example = "{ team = \"ml\" }"}),
      ImageRow(),
      Setting("image_registry", &S::image_registry,
              {.doc = "Registry, with a path or not, that takes the place of "
                      "the one in `image.repository`. An import reads it as "
                      "a part of that.",
               .example = "\"registry.example.com/mirror\"",
               .validators = {tf::NotEmpty()}}),
      Setting("airgapped", &S::airgapped,
              {.doc = "Never ask the release channel; instances then need a "
                      "chart of their own. Default `false`."}),
      Setting("custom_ca_certs", &S::custom_ca_certs,
              {.doc = "Certificates that the operator trusts in addition, one "
                      "PEM certificate each.",
               .example = "[file(\"ca.pem\")]",
               .validators = {tf::Each(tf::NotEmpty())}}),
      Setting("ca_certs_config_map", &S::ca_certs_config_map,
              {.doc = "ConfigMap in the operator's namespace with more of "
                      "them; keys must end in `.crt`. The controller manager "
                      "reads certificates when it starts: put a digest of them "
                      "into `pod_annotations` to restart it for others.",
               .example = "\"corporate-ca\"",
               .validators = {tf::NotEmpty()}}),
      Setting("release_channel_url", &S::release_channel_url,
              {.doc = "Base URL of the release channel, in place of W&B's own.",
               .validators = {tf::HttpUrl()}}),
      Setting("managed_spec_enabled", &S::managed_spec_enabled,
              {.doc = "Let managers newer than 1.22.0 take what they install "
                      "from the ConfigMap `wandb-spec-managed` of an "
                      "instance's namespace, in place of the release channel; "
                      "1.22.0 does not know it. Default `false`."}),
      Setting("charts", &S::charts,
              {.doc = "Charts for air-gapped clusters: file names ending in "
                      "`.tgz` to the archives in base64, about 767 KiB of "
                      "archives together. They are in a ConfigMap, and so "
                      "below `/charts` of the controller manager: "
                      "`chart = { path = \"/charts/…\" }` of an instance. A "
                      "new version needs a new file name.",
               .example = "{ \"operator-wandb-0.43.8.tgz\" = "
                          "filebase64(\"operator-wandb-0.43.8.tgz\") }"}),
      Setting("debug", &S::debug,
              {.doc = "Set `DEBUG` for the controller manager. Default "
                      "`false`."}),
      ServiceAccountRow(),
      NamespaceIsolationRow(),
      RoleRulesRow(),
  });
  for (Row& row : PodRows()) all.push_back(std::move(row));
  return all;
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
  static const base::NeverDestroyed<std::vector<Row>> kRows(AllRows());
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
