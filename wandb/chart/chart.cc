#include "wandb/chart/chart.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/redact.h"
#include "base/status_macros.h"
#include "base/url.h"
#include "wandb/chart/catalogue.h"
#include "wandb/merge.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

enum class FieldType { kString, kBool, kCredentialSecret };

struct Field {
  const char* name;
  FieldType type;
  bool local, oci, repo;  // The kinds that have it.
  bool secret = false;
};

// One row for each field that some chart kind of the operator has. Others are
// ignored by it.
constexpr Field kFields[] = {
    {"credentialSecret", FieldType::kCredentialSecret, false, true, true},
    {"debug", FieldType::kBool, false, true, true},
    {"name", FieldType::kString, false, false, true},
    {"password", FieldType::kString, false, true, true, true},
    {"path", FieldType::kString, true, false, false},
    {"plainHTTP", FieldType::kBool, false, true, false},
    {"repoName", FieldType::kString, false, false, true},
    {"url", FieldType::kString, false, true, true},
    {"username", FieldType::kString, false, true, true, true},
    {"version", FieldType::kString, false, true, true},
};

constexpr const char* kCredentialFields[] = {"name", "passwordKey",
                                             "usernameKey"};

bool Has(const Field& field, ChartKind kind) {
  switch (kind) {
    case ChartKind::kLocal:
      return field.local;
    case ChartKind::kOci:
      return field.oci;
    case ChartKind::kRepo:
      return field.repo;
  }
  return false;
}

const Json* Member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string Text(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  const auto* text =
      member == nullptr ? nullptr : member->get_ptr<const std::string*>();
  return text == nullptr ? "" : *text;
}

// OK if `object`, when it has `name` at all, has a value that Go's JSON decoder
// accepts for the type.
absl::Status CheckType(const Json& object, const char* name, FieldType type,
                       absl::string_view prefix) {
  const Json* member = Member(object, name);
  if (member == nullptr) return absl::OkStatus();
  const std::string attribute = absl::StrCat(prefix, name);
  if (type == FieldType::kCredentialSecret && member->is_object()) {
    for (const char* field : kCredentialFields) {
      RETURN_IF_ERROR(CheckType(*member, field, FieldType::kString,
                                absl::StrCat(attribute, ".")));
    }
    return absl::OkStatus();
  }
  if (type == FieldType::kString && member->is_string()) {
    return absl::OkStatus();
  }
  if (type == FieldType::kBool && member->is_boolean()) return absl::OkStatus();
  const absl::string_view wanted = type == FieldType::kString ? "string"
                                   : type == FieldType::kBool ? "bool"
                                                              : "map";
  // A number has lost its last zeros, and has two parts at most.
  const std::string text = attribute == "chart.version"
                               ? std::string(kCataloguedChart)
                               : base::DumpJson(*member);
  return absl::InvalidArgumentError(absl::StrCat(
      attribute, ": is a ", KindName(*member), ", and the operator takes only ",
      "a ", wanted,
      " there; it would pass over the whole chart and use the one of the "
      "release channel without a word. Write a ",
      wanted,
      member->is_number()
          ? absl::StrCat(", in quotes: ", name, " = \"", text, "\"")
          : ""));
}

absl::Status CheckTypes(const Json& chart, ChartKind kind) {
  for (const Field& field : kFields) {
    if (!Has(field, kind)) continue;
    RETURN_IF_ERROR(CheckType(chart, field.name, field.type, "chart."));
  }
  return absl::OkStatus();
}

bool IsOciUrl(absl::string_view url) { return absl::StartsWith(url, "oci://"); }

// As Go's URL parser and the operator's validator see it: a scheme, and
// something after it that isn't just a path.
bool IsUrl(absl::string_view url) {
  const size_t colon = url.find(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  const absl::string_view scheme = url.substr(0, colon);
  const bool scheme_ok = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' ||
           c == '-' || c == '.';
  });
  const bool printable = std::none_of(url.begin(), url.end(), [](char c) {
    return c == ' ' || absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (!scheme_ok || !printable ||
      !absl::ascii_isalpha(static_cast<unsigned char>(scheme[0]))) {
    return false;
  }
  absl::string_view rest = url.substr(colon + 1);
  if (absl::ConsumePrefix(&rest, "//")) {
    return !rest.empty() && !absl::StrContains("/?#", rest.substr(0, 1));
  }
  return !rest.empty() && rest[0] != '/' && rest[0] != '?';
}

// Whether an OCI url says which version it means, by tag or digest.
bool OciUrlHasVersion(absl::string_view url) {
  url = absl::StripPrefix(url, "oci://");
  const size_t slash = url.find('/');
  if (slash == absl::string_view::npos) return false;
  const absl::string_view repository = url.substr(slash + 1);
  const size_t mark = repository.find_first_of("@:");
  return mark != absl::string_view::npos && mark > 0 &&
         mark + 1 < repository.size();
}

// Three numbers, and what semantic versions have behind them.
bool IsOneVersion(absl::string_view text) {
  text = absl::StripPrefix(text, "v");
  const size_t rest = text.find_first_of("-+");
  const std::vector<absl::string_view> numbers =
      absl::StrSplit(text.substr(0, rest), '.');
  const auto is_number = [](absl::string_view number) {
    // Semantic versions have no zeros before a number.
    return !number.empty() && (number.size() == 1 || number[0] != '0') &&
           std::all_of(number.begin(), number.end(),
                       [](unsigned char c) { return absl::ascii_isdigit(c); });
  };
  const auto fits = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '+';
  };
  return numbers.size() == 3 &&
         std::all_of(numbers.begin(), numbers.end(), is_number) &&
         (rest == absl::string_view::npos ||
          (rest + 1 < text.size() &&
           std::all_of(text.begin(), text.end(), fits)));
}

// Of a chart that is downloaded.
absl::Status CheckVersion(const std::string& version) {
  if (version.empty() || IsOneVersion(version)) return absl::OkStatus();
  // Anything else may be a secret in the wrong place.
  const bool short_one =
      version.size() < 16 &&
      std::all_of(version.begin(), version.end(), [](unsigned char c) {
        return absl::ascii_isdigit(c) || c == '.';
      });
  return absl::InvalidArgumentError(absl::StrCat(
      "chart.version: ",
      short_one ? absl::StrCat("is \"", version,
                               "\", and a version has three numbers: Helm "
                               "would take any that begins so. What was "
                               "written 0.40 without quotes has lost its zero")
                : "is not one version: Helm would take any that fits, and "
                  "another one whenever a chart is published",
      ". Write all three numbers in quotes, such as version = \"",
      kCataloguedChart, "\""));
}

ChartKind LikelyKind(const Json& chart) {
  if (!Text(chart, "path").empty()) return ChartKind::kLocal;
  return IsOciUrl(Text(chart, "url")) ? ChartKind::kOci : ChartKind::kRepo;
}

absl::Status CheckOci(const Json& chart) {
  if (Text(chart, "version").empty() && !OciUrlHasVersion(Text(chart, "url"))) {
    return absl::InvalidArgumentError(
        "chart.version: is missing, and chart.url has no tag or digest; the "
        "operator passes over an OCI chart without a version. Set "
        "chart.version");
  }
  return absl::OkStatus();
}

absl::Status CheckRepo(const Json& chart) {
  const std::string url = Text(chart, "url");
  if (url.empty()) {
    return absl::InvalidArgumentError(
        "chart.url: is missing; the operator passes over a chart that has "
        "neither url nor path. Set chart.url and chart.name, or chart.path");
  }
  if (!IsUrl(url)) {
    return absl::InvalidArgumentError(
        "chart.url: isn't a URL with scheme and host, so the operator passes "
        "over the chart. Write it like https://charts.wandb.ai");
  }
  if (Text(chart, "name").empty()) {
    return absl::InvalidArgumentError(
        "chart.name: is missing; the operator passes over a chart from a Helm "
        "repository without a name. Set chart.name, usually to operator-wandb");
  }
  return absl::OkStatus();
}

// A value of a chart, without what must not be shown.
Json Shown(const Json& value, bool secret) {
  if (UnknownKind(value).has_value() || value.is_null()) return value;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    return secret ? std::string(base::kHidden) : base::HideCredentials(*text);
  }
  if (value.is_boolean()) return secret ? Json(false) : value;
  if (value.is_number()) return secret ? Json(0) : value;
  // No field takes these.
  return value.is_array() ? Json::array() : Json::object();
}

// What the operator itself checks, plus the reason.
absl::Status CheckAsOperator(const Json& chart) {
  // A `path` of another type doesn't decode, and so isn't a local chart; the
  // other kinds have no such field.
  const ChartKind kind = LikelyKind(chart);
  RETURN_IF_ERROR(CheckTypes(chart, kind));
  if (kind == ChartKind::kOci) return CheckOci(chart);
  if (kind == ChartKind::kRepo) return CheckRepo(chart);
  return absl::OkStatus();
}

// What it takes and then stumbles over.
absl::Status CheckSurprises(const Json& chart) {
  RETURN_IF_ERROR(CheckTypes(chart, ChartKind::kLocal));
  const ChartKind kind = LikelyKind(chart);
  const std::string url = Text(chart, "url");
  if (kind == ChartKind::kRepo && !base::IsHttpUrl(url)) {
    return absl::InvalidArgumentError(
        "chart.url: the operator downloads charts by http, https and oci only. "
        "Write it like https://charts.wandb.ai");
  }
  if (kind == ChartKind::kOci &&
      Text(chart, "username").empty() != Text(chart, "password").empty()) {
    return absl::InvalidArgumentError(
        "chart.username: an OCI chart needs username and password together, or "
        "neither; the operator refuses to download it. Set both, or use "
        "chart.credential_secret");
  }
  return kind == ChartKind::kLocal ? absl::OkStatus()
                                   : CheckVersion(Text(chart, "version"));
}

}  // namespace

absl::string_view ChartKindName(ChartKind kind) {
  switch (kind) {
    case ChartKind::kLocal:
      return "local";
    case ChartKind::kOci:
      return "oci";
    case ChartKind::kRepo:
      return "repo";
  }
  return "";
}

Json CompleteChart(Json chart) {
  if (!chart.is_object() || !chart.contains("version") ||
      chart["version"].is_null()) {
    return chart;
  }
  for (const auto& [key, value] : chart.items()) {
    if (key != "version" && key != "debug" && !value.is_null()) return chart;
  }
  chart["url"] = kChartRepository;
  chart["name"] = kChartName;
  return chart;
}

std::optional<Chart> ParseChart(const Json& chart) {
  if (!chart.is_object() || HasUnknown(chart)) return std::nullopt;
  if (!CheckAsOperator(chart).ok()) return std::nullopt;
  const ChartKind kind = LikelyKind(chart);
  if (kind == ChartKind::kLocal) {
    return Chart{.kind = kind, .path = Text(chart, "path")};
  }
  return Chart{.kind = kind,
               .url = Text(chart, "url"),
               .name = kind == ChartKind::kRepo ? Text(chart, "name") : "",
               .version = Text(chart, "version")};
}

absl::Status CheckChart(const Json& chart) {
  if (chart.is_null() || HasUnknown(chart)) return absl::OkStatus();
  if (!chart.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("chart: must be a map, and is a ", KindName(chart),
                     ". Write it like { url = \"https://charts.wandb.ai\", "
                     "name = \"operator-wandb\" }"));
  }
  RETURN_IF_ERROR(CheckAsOperator(chart));
  return CheckSurprises(chart);
}

Json ShownChart(const Json& chart) {
  if (!chart.is_object() || UnknownKind(chart).has_value()) return chart;
  Json result = Json::object();
  for (const Field& field : kFields) {
    const auto found = chart.find(field.name);
    if (found == chart.end()) continue;
    Json& shown = result[field.name] = Shown(*found, field.secret);
    if (field.type != FieldType::kCredentialSecret || !found->is_object()) {
      continue;
    }
    for (const char* name : kCredentialFields) {
      const auto member = found->find(name);
      if (member != found->end()) shown[name] = Shown(*member, false);
    }
  }
  return result;
}

std::string DescribeChart(const Json& chart) {
  const auto parsed = ParseChart(chart);
  if (!parsed.has_value()) return "";
  if (parsed->kind == ChartKind::kLocal) return parsed->path;
  const std::string url = base::HideCredentials(parsed->url);
  const std::string version =
      parsed->version.empty() ? "" : absl::StrCat(" ", parsed->version);
  return parsed->kind == ChartKind::kOci
             ? absl::StrCat(url, version)
             : absl::StrCat(parsed->name, version, " of ", url);
}

Json CanonicalChart(const Json& chart) {
  if (!ParseChart(chart).has_value()) return nullptr;
  const ChartKind kind = LikelyKind(chart);
  Json result = Json::object();
  for (const Field& field : kFields) {
    const Json* member = Member(chart, field.name);
    if (!Has(field, kind) || member == nullptr) continue;
    if (*member == Json("") || *member == Json(false)) continue;
    result.emplace(field.name, *member);
  }
  const auto credentials = result.find("credentialSecret");
  if (credentials == result.end()) return result;
  // The operator writes these defaults into the chart that it stores.
  const std::string username = Text(*credentials, "usernameKey");
  const std::string password = Text(*credentials, "passwordKey");
  *credentials = {
      {"name", Text(*credentials, "name")},
      {"usernameKey", username.empty() ? "HELM_USERNAME" : username},
      {"passwordKey", password.empty() ? "HELM_PASSWORD" : password}};
  return result;
}

}  // namespace wandb
