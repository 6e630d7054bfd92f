// Who gets in, and where.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/settings/rows.h"

namespace wandb::rows {
namespace {

void AddLogin(Rows& out) {
  const auto ldap = [&](const char* member, const char* variable,
                        const char* doc, bool required,
                        std::vector<absl::string_view> old) {
    out.push_back({.attribute = absl::StrCat("ldap.", member),
                   .path = absl::StrCat("global.extraEnv.", variable),
                   .doc = doc,
                   .required = required,
                   .is_switch = absl::string_view(member) == "tls",
                   .old_values = std::move(old)});
  };
  out.push_back(
      {.attribute = "ldap",
       .path = "global.extraEnv",
       .doc = "Login by LDAP, written as environment variables, which is what "
              "W&B reads",
       .example = "{ address = \"ldaps://ldap.example.com\", base_dn = "
                  "\"dc=example,dc=com\" }",
       .with = {{"global.extraEnv.LOCAL_LDAP_LOGIN", "true"}}});
  ldap("address", "LOCAL_LDAP_ADDRESS", "Address of the server, a URL", true,
       {"ldap.host", "ldap.address"});
  ldap("base_dn", "LOCAL_LDAP_BASE_DN", "Where users are looked for", false,
       {"ldap.baseDN"});
  ldap("bind_dn", "LOCAL_LDAP_BIND_DN", "User who looks", false,
       {"ldap.bindDN"});
  ldap("bind_password", "LOCAL_LDAP_BIND_PW", "The password", false,
       {"ldap.bindPW"});
  constexpr char kBindPassword[] =
      "global.extraEnv.LOCAL_LDAP_BIND_PW.valueFrom.secretKeyRef";
  out.back().reference = {absl::StrCat(kBindPassword, ".name"),
                          absl::StrCat(kBindPassword, ".key")};
  ldap("attributes", "LOCAL_LDAP_ATTRIBUTES",
       "Which attributes are e-mail address and group, like "
       "`email=mail,group=gidNumber`",
       false, {"ldap.attributes"});
  ldap("group_allow_list", "LOCAL_LDAP_GROUP_ALLOW_LIST",
       "Groups whose members may log in", false, {"ldap.groupAllowList"});
  ldap("tls", "LOCAL_LDAP_TLS_ENABLE", "Speak TLS with the server", false,
       {"ldap.tls"});

  out.push_back({.attribute = "oidc",
                 .path = "global.auth.oidc",
                 .doc = "Login by OpenID Connect",
                 .example = "{ client_id = \"wandb\", issuer = "
                            "\"https://login.example.com\", auth_method = "
                            "\"pkce\" }"});
  out.push_back(
      {.attribute = "oidc.client_id",
       .path = "global.auth.oidc.clientId",
       .doc = "Id of the client. Needed, unless a `config_map` has it",
       .required_unless = "config_map",
       .variable = "OIDC_CLIENT_ID",
       .old_values = {"sso.clientId"}});
  out.push_back({.attribute = "oidc.secret",
                 .path = "global.auth.oidc.secret",
                 .doc = "Secret of the client",
                 .reference = {"global.auth.oidc.oidcSecret.name",
                               "global.auth.oidc.oidcSecret.secretKey"},
                 .variable = "OIDC_SECRET",
                 .old_values = {"sso.clientSecret"}});
  out.push_back({.attribute = "oidc.auth_method",
                 .path = "global.auth.oidc.authMethod",
                 .doc = "Flow",
                 .variable = "OIDC_AUTH_METHOD",
                 .old_values = {"sso.method"}});
  out.push_back({.attribute = "oidc.issuer",
                 .path = "global.auth.oidc.issuer",
                 .doc = "URL of the identity provider",
                 .variable = "OIDC_ISSUER",
                 .old_values = {"sso.issuer"}});
  AddSecretReference({.attribute = "oidc.secret_ref",
                      .path = "global.auth.oidc.oidcSecret",
                      .doc = "Secret of Kubernetes that has the client's "
                             "secret, in place of it",
                      .key_attribute = "key",
                      .key_key = "secretKey",
                      .key_doc = "Key in it"},
                     out);
  out.push_back({.attribute = "oidc.config_map",
                 .path = "global.auth.oidc.oidcConfigMap.name",
                 .doc = "ConfigMap that has client, issuer and flow, in place "
                        "of them",
                 .example = "\"wandb-oidc\""});

  out.push_back({.attribute = "session_key_rotation",
                 .path = "global.auth.sessionKeyRotation",
                 .doc = "Rotation of the key that sessions are signed with. "
                        "All pods of `app` and `api` have to be new before the "
                        "next phase",
                 .example = "{ id = \"2026-11\", phase = \"prepare\" }"});
  out.push_back({.attribute = "session_key_rotation.id",
                 .path = "global.auth.sessionKeyRotation.id",
                 .doc = "Name of the rotation, another one for each",
                 .required = true});
  out.push_back({.attribute = "session_key_rotation.phase",
                 .path = "global.auth.sessionKeyRotation.phase",
                 .doc = "Phase: `prepare`, then `activate`, then `clear`; or "
                        "`hard-cutover`, which logs everybody out",
                 .required = true});
}

// An Ingress: the one, or the second.

void AddIngressOf(const std::string& name, const std::string& path,
                  const std::string& doc, const std::string& example,
                  bool legacy, Rows& out) {
  const auto add = [&](const char* member, const char* key, const char* text,
                       const char* old = "", Shape shape = Shape::kNone) {
    SettingRow row = {.attribute = absl::StrCat(name, ".", member),
                      .path = absl::StrCat(path, ".", key),
                      .doc = text,
                      .shape = shape};
    if (legacy && *old != '\0') row.old_values = {old};
    out.push_back(std::move(row));
  };
  out.push_back(
      {.attribute = name, .path = path, .doc = doc, .example = example});
  add("create", "create", "Whether the Ingress is made");
  add("class", "class", "IngressClass", "ingress.className");
  add("annotations", "annotations", "Annotations", "ingress.annotations");
  add("labels", "labels", "Labels");
  add("additional_hosts", "additionalHosts", "Hosts beside that of `host`");
  add("default_backend", "defaultBackend",
      "Component that gets what no rule names");
  add("name_override", "nameOverride",
      "Name of the Ingress; the chart's default is that of the instance, which "
      "two cannot have");
  add("tls", "tls", "Certificates", "ingress.tls", Shape::kIngressTls);
  add("issuer", "issuer",
      "Issuer of a certificate, in place of `tls`: one of cert-manager");
}

void AddIngress(Rows& out) {
  AddIngressOf("ingress", "ingress", "The Ingress of W&B",
               "{ class = \"nginx\", tls = [{ secret_name = \"wandb-tls\", "
               "hosts = [\"wandb.example.com\"] }] }",
               true, out);
  out.push_back({.attribute = "ingress.install",
                 .path = "ingress.install",
                 .doc = "Whether there is an Ingress at all"});
  out.push_back({.attribute = "ingress.issuer.create",
                 .path = "ingress.issuer.create",
                 .doc = "Whether it is made and used",
                 .required = true});
  out.push_back({.attribute = "ingress.issuer.provider",
                 .path = "ingress.issuer.provider",
                 .doc = "`google` for a managed certificate of GKE in place of "
                        "cert-manager"});
  out.push_back({.attribute = "ingress.issuer.server",
                 .path = "ingress.issuer.server",
                 .doc = "ACME server; the chart's default is Let's Encrypt",
                 .is_url = true});
  out.push_back({.attribute = "ingress.issuer.email",
                 .path = "ingress.issuer.email",
                 .doc = "Address that the ACME server writes to"});
  AddIngressOf("ingress.secondary", "ingress.secondary",
               "A second Ingress, for example an internal one",
               "{ create = true, name_override = \"wandb-internal\", class = "
               "\"internal\" }",
               false, out);
  out.push_back({.attribute = "ingress.secondary.issuer.create",
                 .path = "ingress.secondary.issuer.create",
                 .doc = "Whether the issuer of `ingress` is used",
                 .required = true});
}

}  // namespace

void AddAccess(Rows& out) {
  AddLogin(out);
  AddIngress(out);
}

}  // namespace wandb::rows
