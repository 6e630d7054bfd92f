#include "wandb/findings/check_useless.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/leaf_map.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// Where the server's own variables are set beside the chart's settings.
constexpr const char* kEnvironments[] = {"global.env", "global.extraEnv",
                                         "app.env",    "app.extraEnv",
                                         "api.env",    "api.extraEnv"};

// Whether no variable `name` reaches the server.
bool LacksVariable(const Checker& c, absl::string_view name) {
  return std::all_of(
      std::begin(kEnvironments), std::end(kEnvironments),
      [&](const char* environment) {
        return c.values().IsUnset(absl::StrCat(environment, ".", name));
      });
}

void CheckMysqlMissing(Checker& c) {
  if (!c.values().IsUnset("global.mysql.host") ||
      !IsOff(c.rendered(), "mysql.install") || !LacksVariable(c, "MYSQL")) {
    return;
  }
  const bool said = c.IsOwn("mysql.install");
  c.Add("mysql-missing", said ? "mysql.install" : "global.mysql.host",
        said ? "is false, and global.mysql.host names no server: W&B would "
               "look for one that does not exist. Set one of the two"
             : "is not set, and no MySQL is bundled unless mysql.install says "
               "so: W&B would look for one that does not exist. Set one of the "
               "two");
}

void CheckBucketMissing(Checker& c) {
  if (!c.values().IsUnset("global.bucket.name") ||
      !c.values().IsUnset("global.defaultBucket.name") ||
      !LacksVariable(c, "BUCKET")) {
    return;
  }
  c.Add("bucket-missing", "global.bucket.name",
        "is not set, and neither is global.defaultBucket.name: W&B has no "
        "place for files. Set one of the two");
}

void CheckClickhouseMissing(Checker& c) {
  const ValueView& values = c.values();
  if (!values.IsTrue("weave-trace.install") ||
      !values.IsUnset("global.clickhouse.host") ||
      !IsOff(c.rendered(), "clickhouse.install") ||
      !values.IsUnset("global.olap") ||
      !values.IsUnset("weave-trace.env.WF_CLICKHOUSE_HOST") ||
      !LacksVariable(c, "WF_CLICKHOUSE_HOST")) {
    return;
  }
  c.Add("clickhouse-missing", "weave-trace.install",
        "is true, and global.clickhouse.host names no server: traces have no "
        "place. Set it, or clickhouse.install");
}

// A rule of the table says the same of the client that is missing.
void CheckIssuerMissing(Checker& c) {
  const std::string client = "global.auth.oidc.clientId";
  const std::string issuer = "global.auth.oidc.issuer";
  // The variables may come from a ConfigMap as a whole.
  if (!c.IsOwn(client) || !c.values().IsSet(client) ||
      !c.values().IsUnset(issuer) || !LacksVariable(c, "OIDC_ISSUER") ||
      !c.values().IsUnset("global.auth.oidc.oidcConfigMap.name")) {
    return;
  }
  c.Add("oidc-incomplete", client,
        absl::StrCat("is set, and ", issuer,
                     " is not: nobody can log in by an identity provider that "
                     "is not named. Set it"));
}

void CheckHostMissing(Checker& c) {
  constexpr char kHost[] = "global.host";
  const bool unset = c.values().IsUnset(kHost);
  const bool ingress = HasMainIngress(c.rendered());
  if ((!unset && (!ingress || c.values().Text(kHost) != kDefaultHost)) ||
      !LacksVariable(c, "HOST")) {
    return;
  }
  const std::string is =
      unset ? absl::StrCat("is not set, and the chart's ", kDefaultHost)
            : absl::StrCat("is ", kDefaultHost, ", the chart's own, which");
  c.Add("host-missing", kHost,
        absl::StrCat(
            is,
            ingress ? " is no host of an Ingress: the API server "
                      "refuses it. "
                    : " would be in all links of W&B. ",
            unset ? "Set it to the URL of W&B" : "Write the URL of W&B"));
}

// Whether `image`, as a container runtime reads it, is in a public registry.
bool IsPublic(absl::string_view image) {
  constexpr absl::string_view kPublic[] = {
      "docker.io",         "index.docker.io", "registry-1.docker.io",
      "quay.io",           "ghcr.io",         "gcr.io",
      "us-docker.pkg.dev", "public.ecr.aws",  "registry.k8s.io"};
  const absl::string_view first = image.substr(0, image.find('/'));
  if (first.size() == image.size() ||
      (!absl::StrContains(first, ".") && !absl::StrContains(first, ":") &&
       first != "localhost")) {
    return true;  // Docker Hub.
  }
  return std::find(std::begin(kPublic), std::end(kPublic), first) !=
         std::end(kPublic);
}

// What is at `path`, or `fallback` while nothing is; "" if it is not known.
std::string TextOr(const ValueView& values, const std::string& path,
                   absl::string_view fallback) {
  return values.IsUnset(path) ? std::string(fallback) : values.Text(path);
}

void CheckImages(Checker& c) {
  const ValueView& values = c.rendered();
  const bool prefixes = !c.Before("0.37.6");
  std::vector<std::string> pulled;
  const std::string prefix =
      prefixes ? TextOr(values, "global.repositoryPrefix", "") : "";
  const bool prefix_known =
      !prefix.empty() || !prefixes || IsOff(values, "global.repositoryPrefix");
  for (const absl::string_view component : Components()) {
    // All defaults are public ones.
    std::string image = TextOr(
        values, absl::StrCat(component, ".image.repository"), "wandb/any");
    if (!prefix_known || image.empty() || !IsInstalled(values, component)) {
      continue;
    }
    if (!prefix.empty()) image = absl::StrCat(prefix, "/", image);
    if (IsPublic(image)) pulled.emplace_back(component);
  }
  const std::string registry =
      TextOr(values, "redis.image.registry",
             TextOr(values, "global.imageRegistry", "docker.io"));
  if (IsOn(values, "redis.install") && !registry.empty() &&
      IsPublic(absl::StrCat(registry, "/redis"))) {
    pulled.emplace_back("redis");
  }
  if (pulled.empty()) return;
  c.Add("public-image", prefixes ? "global.repositoryPrefix" : "global",
        absl::StrCat(
            "does not keep these from registries that an air-gapped cluster "
            "does not reach: ",
            absl::StrJoin(pulled, ", "), ". Set image.repository of each",
            prefixes ? ", or global.repositoryPrefix (global.imageRegistry for "
                       "redis)"
                     : "",
            "; where the nodes have a mirror, switch this finding off"));
}

void CheckConsole(Checker& c) {
  ForEachLeaf(c.own().values, [&](const Path& path, const std::string& at,
                                  const Json& leaf) {
    if (path.empty() || path.back().key != "wandb.ai/console-managed" ||
        (leaf != Json("true") && leaf != Json(true))) {
      return;
    }
    c.Add("console-managed", at,
          "leaves what has it to the System Console: the chart then keeps what "
          "is there, and global.auth.oidc has no effect. Take it out");
  });
}

// Names of the variables of the custom resource that begin with one of
// `prefixes`, by path.
std::vector<std::string> OwnVariables(
    const Checker& c, std::initializer_list<absl::string_view> prefixes) {
  std::vector<std::string> found;
  for (const char* environment : kEnvironments) {
    const Json* map = ValueView(c.own().values).Value(environment);
    if (map == nullptr || !map->is_object()) continue;
    for (const auto& [name, value] : map->items()) {
      if (std::any_of(prefixes.begin(), prefixes.end(),
                      [&, key = name](absl::string_view prefix) {
                        return absl::StartsWith(key, prefix);
                      })) {
        found.push_back(absl::StrCat(environment, ".", name));
      }
    }
  }
  return found;
}

// Which the server had until its version 0.4.
void CheckMcpVariables(Checker& c) {
  if (c.Before("0.44.20")) return;
  constexpr absl::string_view kGone[] = {
      "MCP_TRANSPORT", "MCP_ANALYTICS_DISABLED", "MCP_SEGMENT_FORWARD",
      "MCP_AUTH_DISABLED"};
  for (const char* place : {"mcp-server.env", "mcp-server.extraEnv",
                            "mcp-server.containers.mcp-server.env"}) {
    const Json* variables = ValueView(c.own().values).Value(place);
    if (variables == nullptr || !variables->is_object()) continue;
    for (const auto& [name, value] : variables->items()) {
      if (!absl::StartsWith(name, "MCP_RATE_LIMIT_") &&
          std::find(std::begin(kGone), std::end(kGone), name) ==
              std::end(kGone)) {
        continue;
      }
      c.AddVersioned("stale-key", FormatPath(place, {Step::Key(name)}),
                     "is a variable of the server before chart 0.44.20. Take "
                     "it out, and see mcp-server.tools, accessMode and "
                     "observability");
    }
  }
}

// The chart looks into the first of the two only. Charts before had components
// of their own, which read just one.
void CheckVariablesTwice(Checker& c) {
  if (c.Before("0.33.0")) return;
  std::vector<absl::string_view> sections = Components();
  sections.emplace_back("global");
  for (const absl::string_view name_of_section : sections) {
    const std::string section(name_of_section);
    const Json* first = c.values().Value(absl::StrCat(section, ".env"));
    const Json* second = c.values().Value(absl::StrCat(section, ".extraEnv"));
    if (first == nullptr || second == nullptr || !first->is_object() ||
        !second->is_object()) {
      continue;
    }
    for (const auto& [name, value] : second->items()) {
      const auto other = first->find(name);
      if (other == first->end() || *other == value || HasUnknown(*other) ||
          HasUnknown(value)) {
        continue;
      }
      const Path path = {Step::Key(section), Step::Key("extraEnv"),
                         Step::Key(name)};
      if (FindPath(c.own().values, path) == nullptr &&
          FindPath(c.own().values, {path[0], Step::Key("env"), path[2]}) ==
              nullptr) {
        continue;
      }
      c.Add("env-twice", FormatPath(path),
            absl::StrCat("has no effect: the same name in ", section,
                         ".env goes before it. Keep one of the two"));
    }
  }
}

void CheckLdapAddress(Checker& c) {
  for (const std::string& path : OwnVariables(c, {"LOCAL_LDAP_ADDRESS"})) {
    const std::string text = c.values().Text(path);
    if (text.empty() || absl::StartsWith(text, "ldap://") ||
        absl::StartsWith(text, "ldaps://")) {
      continue;
    }
    c.Add("ldap-address", path,
          "is documented to be a URL: ldap:// or ldaps://, a host, and a port "
          "or not. Write the scheme");
  }
}

// Which server answers logins decides which names are read.
void CheckLdap(Checker& c) {
  const bool api = IsOn(c.rendered(), "global.api.enabled");
  const auto local = OwnVariables(c, {"LOCAL_LDAP_"});
  const auto others =
      OwnVariables(c, {"LDAP_", "GORILLA_LDAP_CONNECTION_STRING"});
  if (api && !local.empty() && others.empty()) {
    c.Add("ldap-spelling", local[0],
          "and its like are read by app; that api, which is enabled, reads "
          "them is written nowhere. If logins fail, set "
          "GORILLA_LDAP_CONNECTION_STRING, too: ldap[s]://bindDN:password@host/"
          "baseDN?attributes=...&tls=true");
  }
  if (!api && local.empty() && !others.empty()) {
    c.Add("ldap-spelling", others[0],
          "is for api, which is not enabled; app, which answers logins, is "
          "documented to read LOCAL_LDAP_LOGIN, LOCAL_LDAP_ADDRESS, "
          "LOCAL_LDAP_BASE_DN, LOCAL_LDAP_BIND_DN, LOCAL_LDAP_BIND_PW, "
          "LOCAL_LDAP_ATTRIBUTES, LOCAL_LDAP_GROUP_ALLOW_LIST and "
          "LOCAL_LDAP_TLS_ENABLE. Both may be set");
  }
}

}  // namespace

void CheckUseless(Checker& checker) {
  if (checker.all_layers()) {
    CheckHostMissing(checker);
    CheckMysqlMissing(checker);
    CheckBucketMissing(checker);
    CheckClickhouseMissing(checker);
    CheckIssuerMissing(checker);
  }
  if (checker.airgapped()) CheckImages(checker);
  CheckConsole(checker);
  CheckVariablesTwice(checker);
  CheckMcpVariables(checker);
  CheckLdap(checker);
  CheckLdapAddress(checker);
}

}  // namespace wandb
