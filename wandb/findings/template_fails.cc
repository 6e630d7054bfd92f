#include "wandb/findings/template_fails.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using V = ValueView;

constexpr char kRotation[] = "global.auth.sessionKeyRotation";
constexpr char kTenant[] = "global.azureStorageIdentity.tenantId";
constexpr char kClient[] = "global.azureStorageIdentity.clientId";
constexpr char kShared[] = "global.weave-trace.fileStorage.useDefaultBucket";
constexpr char kSource[] = "global.weaveTrace.clickhouseSource";
constexpr char kIam[] = "global.mysql.rdsIamAuth";
constexpr char kMcpProfile[] = "mcp-server.performance.profile";
constexpr char kMcpVariable[] = "mcp-server.env.MCP_WORKLOAD_PROFILE";
constexpr char kMcpUrl[] = "mcp-server.env.WANDB_INTERNAL_BASE_URL";
constexpr char kAllowList[] = "global.ipAllowList";

// Whether there is known text at `path`, and it is none of `allowed`.
bool IsNoneOf(const V& v, absl::string_view path,
              std::initializer_list<absl::string_view> allowed) {
  const std::string text = v.Text(path);
  return !text.empty() &&
         std::find(allowed.begin(), allowed.end(), text) == allowed.end();
}

bool IsOneWithoutTheOther(const V& v, absl::string_view one,
                          absl::string_view other) {
  return (IsOn(v, one) && IsOff(v, other)) || (IsOff(v, one) && IsOn(v, other));
}

bool IsWithoutIdentity(const V& v) {
  return IsOff(v, kTenant) || IsOff(v, kClient);
}

// The paths below `component` that go with its switch.
std::vector<std::string> Below(const std::string& component,
                               std::initializer_list<const char*> keys) {
  std::vector<std::string> paths;
  for (const char* key : keys) {
    paths.push_back(absl::StrCat(component, ".", key));
  }
  return paths;
}

void AddComponent(const std::string& component,
                  std::vector<TemplateFail>& out) {
  const std::string budget = absl::StrCat(component, ".podDisruptionBudget");
  out.push_back(
      {.since = "0.33.0",
       .paths = {budget},
       .message =
           "has both minAvailable and maxUnavailable, which the chart sets to "
           "1, and takes one of the two. Set maxUnavailable to null",
       .fails = [component, budget](const V& v) {
         return IsInstalled(v, component) &&
                IsOn(v, absl::StrCat(budget, ".enabled")) &&
                IsOn(v, absl::StrCat(budget, ".minAvailable")) &&
                IsOn(v, absl::StrCat(budget, ".maxUnavailable"));
       }});
  const std::string hook = absl::StrCat(component, ".helmHook");
  out.push_back({.since = "0.34.2",
                 .paths = {hook},
                 .message = "is enabled and names no hook. Set its hook",
                 .fails = [component, hook](const V& v) {
                   return IsInstalled(v, component) &&
                          IsOn(v, absl::StrCat(hook, ".enabled")) &&
                          IsOff(v, absl::StrCat(hook, ".hook"));
                 }});
  const std::string services = absl::StrCat(component, ".services");
  out.push_back(
      {.since = "0.42.4",
       .paths = {services},
       .message = "has a service without a name. Set its name",
       .fails = [component, services](const V& v) {
         const Json* all = v.Value(services);
         return all != nullptr && all->is_structured() &&
                IsInstalled(v, component) &&
                std::any_of(all->begin(), all->end(), [](const Json& service) {
                  return service.is_object() && IsOff(V(service), "name");
                });
       }});
}

bool HasMcp(const V& v) { return IsInstalled(v, "mcp-server"); }

// Text and booleans alike, in any case of letters.
std::string McpTools(const V& v) {
  const Json* value = v.Value("mcp-server.weave.tools");
  if (value == nullptr || HasUnknown(*value)) return "auto";
  if (value->is_boolean()) return value->get<bool>() ? "true" : "auto";
  if (value->is_string()) {
    const std::string text =
        absl::AsciiStrToLower(value->get_ref<const std::string&>());
    return text.empty() ? "auto" : text;
  }
  return IsOn(v, "mcp-server.weave.tools") ? "?" : "auto";
}

// Before the contract of its version 0.4.
void AddMcpTools(std::vector<TemplateFail>& out) {
  out.push_back(
      {.since = "0.42.6",
       .until = "0.44.20",
       .paths = Below("mcp-server", {"weave.tools", "install"}),
       .message = "takes only auto, true and false. Write one of them",
       .fails = [](const V& v) {
         const std::string mode = McpTools(v);
         return HasMcp(v) && mode != "auto" && mode != "true" &&
                mode != "false";
       }});
  out.push_back(
      {.since = "0.42.6",
       .until = "0.44.20",
       .paths = Below("mcp-server", {"weave.tools", "install"}),
       .message = "is true, and there is no trace server. Set weave-trace."
                  "install and global.weave-trace.enabled to true, or "
                  "mcp-server.env.WF_TRACE_SERVER_URL to another one's address",
       .fails = [](const V& v) {
         return HasMcp(v) && McpTools(v) == "true" &&
                IsOff(v, "weave-trace.install") &&
                IsOff(v, "global.weave-trace.enabled") &&
                IsOff(v, "mcp-server.env.WF_TRACE_SERVER_URL");
       }});
}

// What the chart reads there as text without spaces, in small letters; nullopt
// for nothing, and for what is not known.
std::optional<std::string> McpText(const V& v, const char* path) {
  const Json* value = v.Value(path);
  if (value == nullptr || HasUnknown(*value)) return std::nullopt;
  const auto* text = value->get_ptr<const std::string*>();
  return text == nullptr
             ? value->dump()
             : absl::AsciiStrToLower(absl::StripAsciiWhitespace(*text));
}

bool IsMcpWorkload(absl::string_view text) {
  return text == "shared" || text == "dedicated" || text == "local";
}

// Judged by that one chart whether the server is installed or not.
void AddMcpWorkload(std::vector<TemplateFail>& out) {
  constexpr char kMessage[] =
      "takes only shared, dedicated and local. Write one of them";
  out.push_back({.since = "0.43.9",
                 .until = "0.44.0",
                 .paths = {kMcpProfile},
                 .message = kMessage,
                 .fails = [](const V& v) {
                   const std::string profile =
                       absl::AsciiStrToLower(v.Text(kMcpProfile));
                   return !profile.empty() && !IsMcpWorkload(profile);
                 }});
  out.push_back({.since = "0.43.9",
                 .until = "0.44.0",
                 .paths = {kMcpVariable},
                 .message = kMessage,
                 .fails = [](const V& v) {
                   const auto text = McpText(v, kMcpVariable);
                   return text.has_value() && !IsMcpWorkload(*text);
                 }});
  out.push_back(
      {.since = "0.43.9",
       .until = "0.44.0",
       .paths = {kMcpUrl},
       .message = "is empty. Leave it out, or write a URL",
       .fails = [](const V& v) { return McpText(v, kMcpUrl) == ""; }});
}

void AddMcpProfile(std::vector<TemplateFail>& out) {
  out.push_back(
      {.since = "0.44.20",
       .paths =
           Below("mcp-server", {"tools.profile", "traceBackend", "install"}),
       .message = "is models-weave, and there is no trace server. Set "
                  "weave-trace.install and global.weave-trace.enabled to true, "
                  "or mcp-server.traceBackend.url to another one's address",
       .fails = [](const V& v) {
         return HasMcp(v) &&
                v.Text("mcp-server.tools.profile") == "models-weave" &&
                (v.Text("mcp-server.traceBackend.mode") == "disabled" ||
                 (IsOff(v, "weave-trace.install") &&
                  IsOff(v, "global.weave-trace.enabled") &&
                  IsOff(v, "mcp-server.traceBackend.url")));
       }});
}

void AddMcpContract(std::vector<TemplateFail>& out) {
  out.push_back({.since = "0.44.20",
                 .paths = Below("mcp-server", {"replicaCount", "install"}),
                 .message = "must be 1. Leave it out",
                 .fails = [](const V& v) {
                   const Json* count = v.Value("mcp-server.replicaCount");
                   return HasMcp(v) && count != nullptr && count->is_number() &&
                          *count != Json(1);
                 }});
  out.push_back(
      {.since = "0.44.20",
       .paths = Below("mcp-server", {"autoscaling", "install"}),
       .message = "must be off: the server runs once. Leave it out",
       .fails = [](const V& v) {
         return HasMcp(v) &&
                (IsOn(v, "mcp-server.autoscaling.horizontal.enabled") ||
                 IsOn(v, "mcp-server.autoscaling.keda.enabled"));
       }});
  out.push_back({.since = "0.44.20",
                 .paths = Below("mcp-server", {"envFrom", "install"}),
                 .message = "is refused: nobody sees what it brings. Write the "
                            "variables into mcp-server.env",
                 .fails = [](const V& v) {
                   return HasMcp(v) && IsOn(v, "mcp-server.envFrom");
                 }});
}

void AddMcpVariables(std::vector<TemplateFail>& out) {
  for (const char* map : {"env", "extraEnv"}) {
    for (const char* name : {"WANDB_BASE_URL", "WANDB_INTERNAL_BASE_URL"}) {
      const std::string at = absl::StrCat("mcp-server.", map, ".", name);
      out.push_back(
          {.since = "0.44.20",
           .paths = {at, "mcp-server.install"},
           .message = "is set by the chart, from global.host and "
                      "mcp-server.routing.internalBaseUrl. Set those",
           .fails = [at](const V& v) { return HasMcp(v) && IsOn(v, at); }});
    }
  }
}

void AddSessionKeys(std::vector<TemplateFail>& out) {
  const auto at = [](const char* key) {
    return absl::StrCat(kRotation, ".", key);
  };
  out.push_back({.since = "0.44.15",
                 .paths = {kRotation},
                 .message = "has one of id and phase. Set both, or neither",
                 .fails = [at](const V& v) {
                   return IsOneWithoutTheOther(v, at("id"), at("phase"));
                 }});
  out.push_back(
      {.since = "0.44.15",
       .paths = {at("phase")},
       .message = "takes only prepare, activate, clear and hard-cutover. Write "
                  "one of them",
       .fails = [at](const V& v) {
         return IsOn(v, at("id")) &&
                IsNoneOf(v, at("phase"),
                         {"prepare", "activate", "clear", "hard-cutover"});
       }});
  out.push_back(
      {.since = "0.44.15",
       .paths = {kRotation, "global.auth.sessionKey",
                 "global.auth.sessionKeyPrevious"},
       .message = "is for keys that the chart makes, and goes without "
                  "global.auth.sessionKey and sessionKeyPrevious. Keep one of "
                  "the two",
       .fails = [at](const V& v) {
         return IsOn(v, at("id")) &&
                (IsOn(v, "global.auth.sessionKey") ||
                 IsOn(v, "global.auth.sessionKeyPrevious"));
       }});
}

void AddAzureBucket(const std::string& bucket, std::vector<TemplateFail>& out) {
  const std::string path = absl::StrCat("global.", bucket);
  const auto at = [path](const char* key) {
    return absl::StrCat(path, ".", key);
  };
  // A named global.bucket hides all of the default one.
  const auto counts = [bucket](const V& v) {
    return bucket == "bucket" ? IsOn(v, "global.bucket.name")
                              : IsOff(v, "global.bucket.name");
  };
  const absl::string_view since = bucket == "bucket" ? "0.44.0" : "0.44.14";
  out.push_back({.since = "0.44.0",
                 .paths = {path},
                 .message = "has one of azureTenantId and azureClientId. Set "
                            "both, or better global.azureStorageIdentity",
                 .fails = [at, counts](const V& v) {
                   return counts(v) && v.Text(at("provider")) == "az" &&
                          IsOneWithoutTheOther(v, at("azureTenantId"),
                                               at("azureClientId"));
                 }});
  out.push_back({.since = since,
                 .paths = {at("azureAuthMethod")},
                 .message = "takes only accessKey and workloadIdentity. Write "
                            "one of them",
                 .fails = [at](const V& v) {
                   return IsNoneOf(v, at("azureAuthMethod"),
                                   {"accessKey", "workloadIdentity"});
                 }});
  out.push_back({.since = since,
                 .paths = {at("azureAuthMethod")},
                 .message = "is workloadIdentity, which needs tenantId and "
                            "clientId of global.azureStorageIdentity. Set "
                            "them",
                 .fails = [at, counts](const V& v) {
                   return counts(v) &&
                          v.Text(at("azureAuthMethod")) == "workloadIdentity" &&
                          IsWithoutIdentity(v);
                 }});
}

void AddAzureTraces(std::vector<TemplateFail>& out) {
  const std::vector<std::string> shared = {kShared, "global.defaultBucket",
                                           "global.azureStorageIdentity"};
  out.push_back({.since = "0.44.0",
                 .paths = shared,
                 .message = "is for Azure only: global.defaultBucket.provider "
                            "is not az. Set it to false",
                 .fails = [](const V& v) {
                   return IsOn(v, kShared) &&
                          IsNoneOf(v, "global.defaultBucket.provider", {"az"});
                 }});
  out.push_back({.since = "0.44.0",
                 .paths = shared,
                 .message = "needs tenantId and clientId of "
                            "global.azureStorageIdentity. Set them",
                 .fails = [](const V& v) {
                   return IsOn(v, kShared) && IsWithoutIdentity(v);
                 }});
  out.push_back({.since = "0.44.0",
                 .paths = shared,
                 .message = "needs exactly a container, without a prefix, in "
                            "global.defaultBucket.path. Write it there",
                 .fails = [](const V& v) {
                   const std::string path = "global.defaultBucket.path";
                   if (!IsOn(v, kShared)) return false;
                   if (IsOff(v, path)) return true;
                   const std::string text = v.Text(path);
                   const size_t begin = text.find_first_not_of('/');
                   if (text.empty() || begin == std::string::npos) return false;
                   const size_t end = text.find_last_not_of('/');
                   return text.substr(begin, end - begin).find('/') !=
                          std::string::npos;
                 }});
}

void AddAzure(std::vector<TemplateFail>& out) {
  out.push_back({.since = "0.44.0",
                 .paths = {"global.azureStorageIdentity"},
                 .message = "has one of tenantId and clientId. Set both",
                 .fails = [](const V& v) {
                   return IsOneWithoutTheOther(v, kTenant, kClient);
                 }});
  AddAzureBucket("bucket", out);
  AddAzureBucket("defaultBucket", out);
  AddAzureTraces(out);
}

void AddClickHouse(std::vector<TemplateFail>& out) {
  out.push_back({.since = "0.44.15",
                 .paths = {kSource},
                 .message = "takes only auto, legacy and olap. Write one of "
                            "them",
                 .fails = [](const V& v) {
                   return IsNoneOf(v, kSource, {"auto", "legacy", "olap"});
                 }});
  out.push_back({.since = "0.44.15",
                 .paths = {kSource, "global.olap.weaveTrace.enabled"},
                 .message =
                     "is olap, and global.olap.weaveTrace.enabled is not "
                     "true. Set it",
                 .fails = [](const V& v) {
                   return v.Text(kSource) == "olap" &&
                          IsOff(v, "global.olap.weaveTrace.enabled");
                 }});
}

void AddMysql(std::vector<TemplateFail>& out) {
  out.push_back(
      {.since = "0.39.0",
       .paths = {"global.mysql.caCert"},
       .message = "is a map with neither valueFrom.secretKeyRef nor "
                  "valueFrom.configMapKeyRef. Write the certificate itself, or "
                  "one of the two",
       .fails = [](const V& v) {
         const Json* cert = v.Value("global.mysql.caCert");
         return cert != nullptr && cert->is_object() && !cert->empty() &&
                IsOff(v, "global.mysql.caCert.valueFrom.secretKeyRef") &&
                IsOff(v, "global.mysql.caCert.valueFrom.configMapKeyRef");
       }});
}

// Access by an identity of AWS in place of a password.
void AddMysqlIam(std::vector<TemplateFail>& out) {
  constexpr absl::string_view kSince = kRdsIamAuthSince;
  const auto add = [&](const std::string& path, absl::string_view message,
                       bool (*wrong)(const V&, absl::string_view)) {
    out.push_back({.since = kSince,
                   .paths = {kIam, path},
                   .message = absl::StrCat("is true, and ", path, " ", message),
                   .fails = [path, wrong](const V& v) {
                     return IsOn(v, kIam) && wrong(v, path);
                   }});
  };
  for (const char* key : {"host", "user", "awsRegion", "caCert"}) {
    add(absl::StrCat("global.mysql.", key), "is not set. Set it", IsOff);
  }
  for (const char* key : {"password", "passwordSecret.name"}) {
    add(absl::StrCat("global.mysql.", key),
        "has no place beside it. Take it out", IsOn);
  }
  add("mysql.install", "is true, too. Set it to false", IsOn);
  for (const char* path : {"app.initContainers.init-db.enabled",
                           "prometheus.mysql-exporter.install"}) {
    add(path,
        "is true unless told otherwise, and needs a password. Set it to "
        "false",
        IsOn);
  }
  out.push_back({.since = kSince,
                 .paths = {kIam},
                 .message = "is no boolean. Write true, or leave it out",
                 .fails = [](const V& v) {
                   const Json* value = v.Value(kIam);
                   return value != nullptr && !value->is_null() &&
                          !value->is_boolean() &&
                          !UnknownKind(*value).has_value();
                 }});
}

bool IsCidr(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  in6_addr address;
  int bits = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &bits) || bits < 0) {
    return false;
  }
  return (inet_pton(AF_INET, parts[0].c_str(), &address) == 1 && bits <= 32) ||
         (inet_pton(AF_INET6, parts[0].c_str(), &address) == 1 && bits <= 128);
}

void AddAllowList(std::vector<TemplateFail>& out) {
  constexpr absl::string_view kSince = "0.44.25";
  std::vector<std::string> lists;
  for (const char* key : {"systemCIDRs", "userCIDRs"}) {
    lists.push_back(absl::StrCat(kAllowList, ".", key));
    const std::string& list = lists.back();
    out.push_back(
        {.since = kSince,
         .paths = {list},
         .message = "has what is no CIDR block (also while the list is "
                    "off). Write blocks like 10.0.0.0/8",
         .fails = [list](const V& v) {
           const Json* all = v.Value(list);
           return all != nullptr && all->is_array() &&
                  std::any_of(all->begin(), all->end(), [](const Json& each) {
                    const auto* text = each.get_ptr<const std::string*>();
                    return text == nullptr ? !HasUnknown(each) : !IsCidr(*text);
                  });
         }});
  }
  const std::string enabled = absl::StrCat(kAllowList, ".enabled");
  out.push_back({.since = kSince,
                 .paths = {enabled, lists[0], lists[1]},
                 .message = "is true, and both lists are empty. Fill "
                            "global.ipAllowList.userCIDRs",
                 .fails = [enabled, lists](const V& v) {
                   return IsOn(v, enabled) && IsOff(v, lists[0]) &&
                          IsOff(v, lists[1]);
                 }});
  out.push_back({.since = kSince,
                 .paths = {"global.traefikIngress", enabled},
                 .message = "is true, and global.ipAllowList.enabled is not. "
                            "Set it, or leave both out",
                 .fails = [enabled](const V& v) {
                   return IsOn(v, "global.traefikIngress") && IsOff(v, enabled);
                 }});
}

void AddSubcharts(std::vector<TemplateFail>& out) {
  for (const char* key :
       {"certFilename", "certKeyFilename", "certCAFilename"}) {
    const std::string file = absl::StrCat("redis.tls.", key);
    out.push_back({.since = "0.35.8",
                   .paths = {"redis.tls", "redis.install"},
                   .message = absl::StrCat(
                       "is enabled for the bundled Redis, without ", key,
                       ". Set redis.tls.autoGenerated, or existingSecret and "
                       "the names of its files"),
                   .fails = [file](const V& v) {
                     return IsOn(v, "redis.install") &&
                            IsOn(v, "redis.tls.enabled") &&
                            (IsOff(v, "redis.tls.autoGenerated") ||
                             IsOn(v, "redis.tls.existingSecret")) &&
                            IsOff(v, file);
                   }});
  }
  out.push_back(
      {.since = "0.21.1",
       .paths = {"bufstream.observability"},
       .message = "has both exporter.address and otlpEndpoint. Keep the first",
       .fails = [](const V& v) {
         return IsOn(v, "bufstream.install") &&
                IsOn(v, "bufstream.observability.exporter.address") &&
                IsOn(v, "bufstream.observability.otlpEndpoint");
       }});
}

std::vector<TemplateFail> MakeTable() {
  std::vector<TemplateFail> out;
  AddMysql(out);
  AddMysqlIam(out);
  AddSessionKeys(out);
  AddAzure(out);
  AddClickHouse(out);
  AddMcpTools(out);
  AddMcpWorkload(out);
  AddMcpProfile(out);
  AddMcpContract(out);
  AddMcpVariables(out);
  AddAllowList(out);
  AddSubcharts(out);
  for (const absl::string_view component : Components()) {
    AddComponent(std::string(component), out);
  }
  return out;
}

}  // namespace

const std::vector<TemplateFail>& TemplateFails() {
  static const base::NeverDestroyed<std::vector<TemplateFail>> kTable(
      MakeTable());
  return *kTable;
}

}  // namespace wandb
