#include "wandb/findings/check_kubernetes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/chart/sizes.h"
#include "wandb/findings/check_references.h"
#include "wandb/findings/references.h"
#include "wandb/leaf_map.h"
#include "wandb/names.h"
#include "wandb/quantity.h"
#include "wandb/shapes.h"
#include "wandb/unknown.h"
#include "wandb/value_view.h"

namespace wandb {
namespace {

using base::Json;

// Four numbers with dots between: what the API server takes for an address.
bool IsAddress(absl::string_view host) {
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  return parts.size() == 4 &&
         std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           return !part.empty() &&
                  std::all_of(part.begin(), part.end(), [](char c) {
                    return absl::ascii_isdigit(static_cast<unsigned char>(c));
                  });
         });
}

// Where the host is put as it is; TLS hosts are put in quotes where needed.
enum class HostPlace { kRule, kTls };

// Why the API server refuses it as the host of an Ingress, and what to do: two
// sentences, without the last full stop. "" if it doesn't.
std::string HostFault(absl::string_view host, HostPlace place) {
  // A rule without a host is one for all of them.
  if (host.empty() && place == HostPlace::kRule) return "";
  if (host.find_first_of(":/?#@ \t\r\n") != absl::string_view::npos ||
      host.empty()) {
    return "must be a host name alone: the API server refuses an Ingress with "
           "anything around it. Remove scheme, port and path";
  }
  if (IsAddress(host)) {
    return "is an address, and the API server takes names only for the hosts "
           "of an Ingress. Write a name that DNS has for it";
  }
  absl::string_view name = host;
  if (absl::ConsumePrefix(&name, "*.") && place == HostPlace::kRule) {
    return "begins with *, which the chart writes without quotes, so that its "
           "template is no YAML any more. Write out each host; tls takes the "
           "wildcard";
  }
  if (!IsSubdomain(name)) {
    return "is no host name: the API server takes letters in lower case, "
           "digits, and - between them, in parts with a dot between. Correct "
           "it";
  }
  return "";
}

// Of a list of hosts at `path`.
void CheckHosts(Checker& c, const std::string& path, const Json* hosts,
                HostPlace place) {
  if (hosts == nullptr || !hosts->is_array()) return;
  for (size_t i = 0; i < hosts->size(); ++i) {
    const auto* host = (*hosts)[i].get_ptr<const std::string*>();
    if (host == nullptr || SaysNothingYet((*hosts)[i])) continue;
    const std::string fault = HostFault(*host, place);
    if (fault.empty()) continue;
    c.Add("ingress-host-shape", absl::StrCat(path, "[", i, "]"), fault);
  }
}

// `section` is one of the two that become an Ingress.
void CheckIngressHosts(Checker& c, const std::string& section) {
  const ValueView own(c.own().values);
  const std::string more = absl::StrCat(section, ".additionalHosts");
  CheckHosts(c, more, own.Value(more), HostPlace::kRule);
  const std::string path = absl::StrCat(section, ".tls");
  const Json* tls = own.Value(path);
  if (tls == nullptr || !tls->is_array()) return;
  for (size_t i = 0; i < tls->size(); ++i) {
    if (!(*tls)[i].is_object()) continue;
    CheckHosts(c, absl::StrCat(path, "[", i, "].hosts"),
               ValueView((*tls)[i]).Value("hosts"), HostPlace::kTls);
  }
}

// The first rule of an Ingress is for global.host.
void CheckMainHost(Checker& c) {
  constexpr char kHost[] = "global.host";
  if (!c.IsOwn(kHost) || c.Has("host-shape", kHost)) return;
  const std::string text = c.values().Text(kHost);
  absl::string_view host = absl::StripAsciiWhitespace(text);
  if (host.empty() || host == kDefaultHost || absl::StrContains(host, "{{") ||
      !(absl::ConsumePrefix(&host, "https://") ||
        absl::ConsumePrefix(&host, "http://"))) {
    return;
  }
  const std::string fault = HostFault(host, HostPlace::kRule);
  if (fault.empty()) return;
  c.Add("ingress-host-shape", kHost,
        absl::StrCat(fault,
                     ", or set ingress.create to false and route to W&B by "
                     "other means"));
}

// `section` is one of the two that become an Ingress.
void CheckIngressClass(Checker& c, absl::string_view section) {
  const ValueView& values = c.values();
  const std::string path = absl::StrCat(section, ".class");
  const std::string annotations = absl::StrCat(section, ".annotations");
  const Json* all = values.Value(annotations);
  if ((!c.IsOwn(path) && !c.IsOwn(annotations)) || !values.IsSet(path) ||
      HasUnknown(*values.Value(path)) || all == nullptr || !all->is_object()) {
    return;
  }
  const auto annotation = all->find("kubernetes.io/ingress.class");
  if (annotation == all->end() || HasUnknown(*annotation) ||
      *annotation == *values.Value(path)) {
    return;
  }
  c.Add("ingress-class-twice", path,
        "differs from the annotation kubernetes.io/ingress.class, and the API "
        "server refuses the two together. Keep the class");
}

// `section` is one of the two that become an Ingress.
void CheckIssuer(Checker& c, absl::string_view section) {
  const std::string create = absl::StrCat(section, ".issuer.create");
  const std::string tls = absl::StrCat(section, ".tls");
  if (!IsOn(c.values(), create)) return;
  const bool google = section == "ingress" &&
                      c.values().Text("ingress.issuer.provider") == "google";
  if (!google && c.IsOwn(create)) {
    c.Add("ingress-issuer", create,
          "makes the chart write tls[0].host, which an Ingress does not have: "
          "it gets no certificate, or is refused. Leave it out, and write tls "
          "and the annotation cert-manager.io/issuer");
  }
  if (c.values().IsSet(tls) && (c.IsOwn(tls) || c.IsOwn(create))) {
    c.Add(
        "ingress-issuer", tls,
        absl::StrCat("has no effect beside ", create, ". Keep one of the two"));
  }
}

void CheckSecondaryName(Checker& c) {
  const ValueView& values = c.values();
  const std::string second = "ingress.secondary.nameOverride";
  if (c.IsOwn("ingress.secondary") && values.IsUnset(second)) {
    c.Add("ingress-secondary-name", "ingress.secondary",
          "has no nameOverride, and would get the name of the first Ingress. "
          "Set it");
  } else if (const std::string name = values.Text(second);
             !name.empty() && name == values.Text("ingress.nameOverride") &&
             (c.IsOwn(second) || c.IsOwn("ingress.nameOverride"))) {
    c.Add("ingress-secondary-name", second,
          "is the name of the first Ingress, too: one would replace the "
          "other. Choose another");
  }
}

void CheckIngresses(Checker& c) {
  const ValueView& values = c.values();
  const bool main = HasMainIngress(c.rendered());
  if (main) {
    CheckMainHost(c);
    CheckIngressHosts(c, "ingress");
    CheckIngressClass(c, "ingress");
    CheckIssuer(c, "ingress");
  }
  if (!values.IsSet("ingress.secondary") ||
      values.IsFalse("ingress.secondary.create") ||
      values.IsFalse("ingress.secondary.enabled")) {
    return;
  }
  CheckIngressHosts(c, "ingress.secondary");
  CheckIngressClass(c, "ingress.secondary");
  CheckIssuer(c, "ingress.secondary");
  // Its name is that of the release, which nothing else has then.
  if (main) CheckSecondaryName(c);
}

// No object can have such a name, nor its data such a key.
void CheckReferenceNames(Checker& c) {
  for (const Reference& reference : ReferencesOf(c.own().values, "")) {
    // White space around them is another finding.
    const absl::string_view name = absl::StripAsciiWhitespace(reference.name);
    const absl::string_view key = absl::StripAsciiWhitespace(reference.key);
    if (!IsSubdomain(name)) {
      c.Add("object-name", FormatPath(reference.path),
            absl::StrCat("names no ", KindName(reference.kind),
                         " that there can be: names have letters in lower "
                         "case, digits, - and dots only. Correct it"));
    }
    if (!reference.key_path.empty() && !absl::StartsWith(key, "*") &&
        !IsDataKey(key)) {
      c.Add("object-name", FormatPath(reference.key_path),
            absl::StrCat("is no key that a ", KindName(reference.kind),
                         " can have: letters, digits, -, _ and dots only. "
                         "Correct it"));
    }
  }
}

// "-" is none of them to the charts of bundled servers.
void CheckStorageClasses(Checker& c) {
  for (const char* path : {"global.storageClass", "global.defaultStorageClass",
                           "mysql.persistence.storageClass",
                           "redis.master.persistence.storageClass",
                           "redis.replica.persistence.storageClass",
                           "clickhouse.persistence.storageClass"}) {
    const Json* value = ValueView(c.own().values).Value(path);
    const auto* text =
        value == nullptr ? nullptr : value->get_ptr<const std::string*>();
    if (text == nullptr || SaysNothingYet(*value)) continue;
    // White space around it is another finding where it is a setting.
    const absl::string_view name = absl::StripAsciiWhitespace(*text);
    if (name.empty() || name == "-" || absl::StrContains(name, "{{") ||
        IsSubdomain(name)) {
      continue;
    }
    c.Add("object-name", path,
          "names no StorageClass that there can be: names have letters in "
          "lower case, digits, - and dots only. Correct it");
  }
}

// What to do about one that an API server refuses, without the last full stop;
// "" if it takes it.
std::string FaultOf(const Json& toleration) {
  const std::string op = base::StringAt(toleration, "/operator").value_or("");
  if (op != "Lt" && op != "Gt") return TolerationFault(toleration);
  if (base::StringAt(toleration, "/key").value_or("").empty()) {
    return TolerationFault(toleration);
  }
  return "has an operator that API servers refuse unless the feature gate "
         "TaintTolerationComparisonOperators is on. Write Equal or Exists, "
         "or see that it is";
}

void CheckTolerations(Checker& c) {
  const Json& own = c.own().values;
  if (!own.is_object()) return;
  for (const auto& [section, values] : own.items()) {
    const Json* list =
        values.is_object() ? base::Find(values, "/tolerations") : nullptr;
    if (list == nullptr || !list->is_array()) continue;
    for (size_t i = 0; i < list->size(); ++i) {
      const Json& each = (*list)[i];
      if (!each.is_object() || HasUnknown(each)) continue;
      const std::string fault = FaultOf(each);
      if (fault.empty()) continue;
      c.Add("toleration",
            FormatPath(
                {Step::Key(section), Step::Key("tolerations"), Step::Index(i)}),
            fault);
    }
  }
}

std::optional<double> AmountAt(const Json& values, const Path& path) {
  const Json* value = FindPath(values, path);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  const auto* text = value->get_ptr<const std::string*>();
  return text == nullptr ? std::nullopt : QuantityAmount(*text);
}

// What the chart has at `path`, which nobody set: component, `resources`, side
// and name. "" where that is not known.
absl::string_view ChartsOwn(const Checker& c, const Path& path) {
  if (path.size() != 4 || path[1].key != "resources") return "";
  const std::string& component = path[0].key;
  const std::string of = FormatPath({path[0]});
  const ValueView& values = c.values();
  // Whoever writes these may mean others.
  for (const char* key : {".sizing", ".containers"}) {
    if (values.Value(absl::StrCat(of, key)) != nullptr) return "";
  }
  std::string size = "small";
  for (const std::string& at :
       {std::string("global.size"), absl::StrCat(of, ".size")}) {
    const Json* value = values.Value(at);
    if (value != nullptr && HasUnknown(*value)) return "";
    if (!values.Text(at).empty()) size = values.Text(at);
  }
  if (!IsInstalled(c.rendered(), component)) return "";
  return SizeResource(c.chart_version(), component, size, path[2].key,
                      path[3].key);
}

// Of what stands in `resources`; one leaf of the two is said.
void CheckRequest(Checker& c, const Path& path, const Json& effective) {
  const size_t side = path.size() - 2;
  const bool is_request = path[side].key == "requests";
  Path other = path;
  other[side] = Step::Key(is_request ? "limits" : "requests");
  const auto mine = AmountAt(effective, path);
  auto its = AmountAt(effective, other);
  absl::string_view charts;
  if (FindPath(effective, other) == nullptr) {
    charts = ChartsOwn(c, other);
    its = QuantityAmount(charts);
  }
  if (!mine.has_value() || !its.has_value()) return;
  const double request = is_request ? *mine : *its;
  const double limit = is_request ? *its : *mine;
  // Amounts are doubles: 0.1 and 100m differ in the last bit.
  constexpr double kSame = 1e-9;
  if (request <= limit * (1 + kSame)) return;
  if (!is_request && FindPath(c.own().values, other) != nullptr) return;
  c.Add(
      "requests-over-limits", FormatPath(path),
      absl::StrCat(
          "is ",
          is_request ? "more than its limit, "
                     : "less than what is requested, ",
          FormatPath(other),
          charts.empty() ? "" : absl::StrCat(" (the chart's own ", charts, ")"),
          ": the API server refuses such pods. ",
          charts.empty() ? "Correct one of the two" : "Set both"));
}

void CheckAutoscaler(Checker& c, const Path& path, const Json& effective) {
  Path least = path;
  least.back() = Step::Key("minReplicas");
  Path enabled = path;
  enabled.back() = Step::Key("enabled");
  const Json* on = FindPath(effective, enabled);
  const auto from = AmountAt(effective, least);
  const auto to = AmountAt(effective, path);
  if ((on != nullptr && *on == Json(false)) || !from.has_value() ||
      !to.has_value() || *from <= *to) {
    return;
  }
  c.Add("replica-bounds", FormatPath(path),
        "is less than minReplicas: the API server refuses the autoscaler. "
        "Correct one of the two");
}

// What is probably meant by `name`; "".
absl::string_view MeantResource(absl::string_view name) {
  constexpr std::pair<absl::string_view, absl::string_view> kMeant[] = {
      {"mem", "memory"},
      {"ram", "memory"},
      {"memory", "memory"},
      {"cpu", "cpu"},
      {"cpus", "cpu"},
      {"cores", "cpu"},
      {"disk", "ephemeral-storage"},
      {"storage", "ephemeral-storage"},
      {"ephemeralstorage", "ephemeral-storage"},
      {"gpu", "nvidia.com/gpu"},
      {"gpus", "nvidia.com/gpu"},
  };
  const auto* const found =
      std::find_if(std::begin(kMeant), std::end(kMeant), [&](const auto& each) {
        return absl::EqualsIgnoreCase(each.first, name);
      });
  return found == std::end(kMeant) ? "" : found->second;
}

// Of what containers request or are limited to. With a domain before it, it is
// anybody's.
void CheckResourceName(Checker& c, const Path& path) {
  const std::string& name = path.back().key;
  constexpr absl::string_view kHugePages = "hugepages-";
  if (name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
      absl::StartsWith(name, kHugePages) ||
      (absl::StrContains(name, "/") && IsQualifiedName(name))) {
    return;
  }
  const absl::string_view meant = MeantResource(name);
  c.Add(
      "resource-name", FormatPath(path),
      absl::StrCat("is no resource that a container has: the API server "
                   "takes cpu, memory, ephemeral-storage, hugepages-, or a "
                   "name with a domain before it. ",
                   meant.empty() ? "Correct it"
                                 : absl::StrCat("Did you mean ", meant, "?")));
}

void CheckAmounts(Checker& c) {
  const Json& effective = c.values().tree();
  const CatalogueIndex& index = CatalogueIndex::Get();
  ForEachLeaf(c.own().values, [&](const Path& path, const std::string&,
                                  const Json&) {
    if (path.size() < 3) return;
    const absl::string_view parent = path[path.size() - 2].key;
    if (parent == "limits" || parent == "requests") {
      const CatalogueEntry* entry = index.Find(path).entry;
      if (entry != nullptr && entry->quantity) {
        CheckResourceName(c, path);
        CheckRequest(c, path, effective);
      }
    } else if (parent == "horizontal" && (path.back().key == "maxReplicas" ||
                                          path.back().key == "minReplicas")) {
      Path most = path;
      most.back() = Step::Key("maxReplicas");
      if (!c.Has("replica-bounds", FormatPath(most))) {
        CheckAutoscaler(c, most, effective);
      }
    }
  });
}

}  // namespace

void CheckKubernetes(Checker& checker) {
  CheckIngresses(checker);
  CheckReferenceNames(checker);
  CheckStorageClasses(checker);
  CheckTolerations(checker);
  CheckAmounts(checker);
}

}  // namespace wandb
