// From typed settings to the chart values that they mean: one table, and the
// few rules that a table cannot say.
//
// Settings are named in snake_case after the chart's keys:
//   host, license, license_secret {name, key}, size, session_length_hours,
//   bucket {provider, name, path, region, kms_key, access_key, secret_key,
//     secret {name, access_key_name, secret_key_name}}, default_bucket (alike),
//   mysql {host, port, database, user, password, ca_cert,
//     password_secret {name, password_key}},
//   redis {host, port, password, ca_cert, params, secret {name, key}},
//   ldap {address, base_dn, bind_dn, bind_password, attributes,
//     group_allow_list, tls},
//   oidc {client_id, secret, auth_method, issuer, secret_ref {name, key}},
//   smtp {host, port, user, password, mail_from},
//   ingress {class, annotations, labels, additional_hosts, default_backend,
//     name_override, tls [{secret_name, hosts}]},
//   extra_env, custom_ca_certs, ca_certs_config_map,
//   components {NAME {image {repository, tag, digest, pull_policy},
//     service_account {create, name, annotations}, resources,
//     pod_security_context, security_context}}
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/configured_values.h"
#include "wandb/problem.h"

namespace wandb {

struct CompiledSettings {
  std::vector<TypedSetting> settings;  // Of what is set; one for each leaf.
  std::vector<Problem> problems;       // Each has its attribute as source.
};

// What `settings`, an object of the names above, mean for `chart_version` ("":
// kCataloguedChart). Null is absent. What is unknown (wandb/unknown.h) stays
// one unknown at its path, and is no problem. Problems: a setting that does not
// exist, that this chart cannot read, or that makes no sense beside another.
CompiledSettings CompileSettings(const base::Json& settings,
                                 absl::string_view chart_version);

// The path in the values of a setting that has but one, such as "host" or
// "mysql.password"; empty for any other.
Path SettingPath(absl::string_view attribute);

}  // namespace wandb
