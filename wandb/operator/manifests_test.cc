#include "wandb/operator/manifests.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Certificate() {
  std::ifstream in(TFW_TEST_DATA "/operator/ca.pem");
  return {std::istreambuf_iterator<char>(in), {}};
}

OperatorSettings Airgapped() {
  return {
      .ns = "wandb-cr",
      .create_namespace = false,
      .image = {.repository = "library/controller",
                .digest = absl::StrCat("sha256:", std::string(64, 'a')),
                .pull_secrets = {"fermi-regcred"}},
      .image_registry = "registry.fermi.example",
      .airgapped = true,
      .debug = true,
      .release_channel_url = "https://deploy.fermi.example",
      .custom_ca_certs = {Certificate()},
      .ca_certs_config_map = "fermi-ca",
      .charts = {{"operator-wandb-0.43.8.tgz", "H4sI"}},
      .extra_env = {{{"name", "HTTPS_PROXY"},
                     {"value", "http://proxy.fermi.example:3128"}}},
      .operator_env = {{"ZAP_LOG_LEVEL", "debug"}},
      .pod_annotations = {{"team", "ml"}},
  };
}

OperatorSettings Isolated() {
  return {
      .name = "wb",
      .ns = "ops",
      .namespace_labels = {{"a", "b"}},
      .namespace_annotations = {{"c", "d"}},
      .image = {.pull_policy = ""},
      .resources = {{"limits", {{"memory", "1Gi"}}}},
      .node_selector = {{"disk", "ssd"}},
      .tolerations = Json::array({{{"key", "gpu"}, {"operator", "Exists"}}}),
      .affinity = {{"nodeAffinity", Json::object()}},
      .pod_security_context = {{"runAsNonRoot", true}},
      .security_context = {{"readOnlyRootFilesystem", true}},
      .create_service_account = false,
      .service_account_name = "deployer",
      .namespace_isolation = true,
      .additional_namespaces = {"team-a", "team-b"},
      .manage_crd = false,
  };
}

// Takes the owner out of `object`, which must have one.
void ExpectOwner(const OperatorSettings& settings, Json& object) {
  Json& annotations = object["metadata"]["annotations"];
  EXPECT_EQ(annotations.value(kOwnerAnnotation, ""), OperatorOwner(settings))
      << object["kind"];
  annotations.erase(kOwnerAnnotation);
  if (annotations.empty()) object["metadata"].erase("annotations");
}

// The objects are those of the file, and each says who owns it.
void ExpectGolden(const OperatorSettings& settings, const std::string& file) {
  const Json want = ReadTestJson("operator/" + file);
  auto manifests = OperatorManifests(settings);
  ASSERT_TRUE(manifests.ok()) << manifests.status();
  ASSERT_EQ(manifests->size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    ExpectOwner(settings, (*manifests)[i]);
    // A patch says which field differs, where two whole objects would not.
    EXPECT_EQ(Json::diff(want[i], (*manifests)[i]), Json::array())
        << want[i]["kind"] << " " << want[i]["metadata"]["name"];
  }
}

TEST(OperatorManifests, AreThoseOfTheChartByDefault) {
  ExpectGolden({}, "default.json");
}

TEST(OperatorManifests, CarryChartsAndCertificatesWhenAirgapped) {
  OperatorSettings settings = Airgapped();
  settings.image.digest = "sha256:";
  for (int i = 0; i < 32; ++i) settings.image.digest += "ab";
  ExpectGolden(settings, "airgapped.json");
}

TEST(OperatorManifests, StayInTheirNamespacesWhenIsolated) {
  ExpectGolden(Isolated(), "isolated.json");
}

TEST(OperatorManifests, OwnerIsNotOnThePodTemplate) {
  EXPECT_EQ(OperatorOwner(Isolated()), "ops/wb");
  const auto manifests = OperatorManifests(Isolated());
  ASSERT_TRUE(manifests.ok()) << manifests.status();
  const Json* pods = base::Find(manifests->back(), "/spec/template");
  ASSERT_NE(pods, nullptr);
  EXPECT_THAT(pods->dump(), Not(HasSubstr(kOwnerAnnotation)));
}

TEST(OperatorManifests, RestartThePodOnlyWhenCertificatesChange) {
  const auto hash = [](const OperatorSettings& settings) {
    const auto manifests = OperatorManifests(settings);
    return base::StringAt(
        manifests->back(),
        "/spec/template/metadata/annotations/wandb.ai~1ca-certs-hash");
  };
  OperatorSettings one = Airgapped();
  OperatorSettings newline = Airgapped();
  newline.custom_ca_certs[0] += "\n\n";
  OperatorSettings two = Airgapped();
  two.custom_ca_certs.push_back(Certificate());
  OperatorSettings none = Airgapped();
  none.custom_ca_certs.clear();
  EXPECT_TRUE(hash(one).has_value());
  EXPECT_EQ(hash(one), hash(newline));
  EXPECT_NE(hash(one), hash(two));
  EXPECT_EQ(hash(none), std::nullopt);
}

TEST(OperatorManifests, UseTheDefaultAccountWhenNoneIsCreated) {
  OperatorSettings settings = {.create_service_account = false};
  EXPECT_EQ(OperatorServiceAccountName(settings), "default");
  settings.service_account_name = "mine";
  EXPECT_EQ(OperatorServiceAccountName(settings), "mine");
}

TEST(DeployedImage, TakesTheRegistryInPlaceOfItsOwn) {
  struct Case {
    const char *registry, *repository, *want;
  };
  for (const Case& c : {
           Case{"", "wandb/controller", "wandb/controller:1.22.0"},
           Case{"r.io/mirror/", "wandb/controller",
                "r.io/mirror/wandb/controller:1.22.0"},
           Case{"r.io", "quay.io/wandb_tools/x", "r.io/wandb_tools/x:1.22.0"},
           Case{"r.io", "localhost/x", "r.io/x:1.22.0"},
           Case{"r.io", "h:5000/x", "r.io/x:1.22.0"},
           Case{"r.io", "controller", "r.io/controller:1.22.0"},
       }) {
    EXPECT_EQ(DeployedImage({.image = {.repository = c.repository},
                             .image_registry = c.registry}),
              c.want);
  }
  EXPECT_EQ(
      DeployedImage({.image = {.repository = "a/b", .digest = "sha256:0"}}),
      "a/b@sha256:0");
}

TEST(OperatorSettings, MistakesNameTheAttribute) {
  struct Case {
    const char* start;
    std::function<void(OperatorSettings&)> change;
  };
  using S = OperatorSettings;
  const std::string pem = Certificate();
  const Case cases[] = {
      {"name: ", [](S& s) { s.name = "Wandb"; }},
      {"name: ", [](S& s) { s.name = std::string(64, 'a'); }},
      // `-charts` makes a volume's name of it.
      {"name: is too long with airgapped or charts",
       [](S& s) {
         s.name = std::string(57, 'a');
         s.airgapped = true;
       }},
      {"node_selector[\"a b\"]: ",
       [](S& s) {
         s.node_selector = {{"a b", "c"}};
       }},
      {"node_selector[\"a\"]: ",
       [](S& s) {
         s.node_selector = {{"a", std::string(64, 'c')}};
       }},
      {"namespace: ", [](S& s) { s.ns = ""; }},
      {"namespace: ", [](S& s) { s.ns = "a.b"; }},
      {"image.repository: ", [](S& s) { s.image.repository = ""; }},
      {"image.repository: ", [](S& s) { s.image.repository = "a/b:1"; }},
      {"image.repository: ", [](S& s) { s.image.repository = "a/b@sha256:1"; }},
      {"image.repository: ", [](S& s) { s.image.repository = "https://a/b"; }},
      {"image.repository: ", [](S& s) { s.image.repository = "a/B"; }},
      {"image.repository: ", [](S& s) { s.image.repository = "a/"; }},
      {"image.tag: ", [](S& s) { s.image.tag = ""; }},
      {"image.tag: ", [](S& s) { s.image.tag = "1 2"; }},
      {"image.tag: ", [](S& s) { s.image.tag = ".1"; }},
      {"image.digest: ", [](S& s) { s.image.digest = "sha256:abc"; }},
      {"image.digest: ", [](S& s) { s.image.digest = std::string(64, 'a'); }},
      {"image.pull_policy: ", [](S& s) { s.image.pull_policy = "always"; }},
      {"image.pull_secrets[0]: ", [](S& s) { s.image.pull_secrets = {""}; }},
      {"custom_ca_certs[0]: ", [](S& s) { s.custom_ca_certs = {"text"}; }},
      {"custom_ca_certs[1]: has 2 PEM blocks",
       [&](S& s) {
         s.custom_ca_certs = {pem, pem + pem};
       }},
      {"custom_ca_certs[0]: ",
       [](S& s) {
         s.custom_ca_certs = {
             "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"};
       }},
      {"custom_ca_certs[0]: ",
       [](S& s) {
         s.custom_ca_certs = {
             "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"};
       }},
      {"ca_certs_config_map: ", [](S& s) { s.ca_certs_config_map = "A"; }},
      {"charts[\"a/b.tgz\"]: ",
       [](S& s) {
         s.charts = {{"a/b.tgz", "H4sI"}};
       }},
      {"charts[\"a\"]: must be a file name that ends in .tgz",
       [](S& s) {
         s.charts = {{"a", "H4sI"}};
       }},
      {"charts[\"a.tgz\"]: must be a .tgz in base64",
       [](S& s) {
         s.charts = {{"a.tgz", "?"}};
       }},
      {"charts: ",
       [](S& s) {
         s.charts = {{"a.tgz", std::string(1 << 20, 'A')}};
       }},
      {"extra_env[0]: ",
       [](S& s) {
         s.extra_env = {{{"value", "x"}}};
       }},
      {"image.pull_secrets[1]: a is there twice",
       [](S& s) {
         s.image.pull_secrets = {"a", "a"};
       }},
      {"service_account.name: default is the account",
       [](S& s) { s.service_account_name = "default"; }},
      {"extra_env[0]: AIRGAPPED",
       [](S& s) {
         s.extra_env = {{{"name", "AIRGAPPED"}}};
       }},
      {"operator_env: X is there twice",
       [](S& s) {
         s.extra_env = {{{"name", "X"}}};
         s.operator_env = {{"X", "1"}};
       }},
      {"operator_env: DEBUG",
       [](S& s) {
         s.debug = true;
         s.operator_env = {{"DEBUG", "1"}};
       }},
      {"extra_env[0]: has a name that is none",
       [](S& s) {
         s.extra_env = {{{"name", "A=B"}}};
       }},
      {"extra_env[0].value_from: must not be there beside value",
       [](S& s) {
         s.extra_env = {{{"name", "A"},
                         {"value", "b"},
                         {"valueFrom", {{"fieldRef", {{"fieldPath", "x"}}}}}}};
       }},
      {"extra_env[0].value_from: must have one",
       [](S& s) {
         s.extra_env = {{{"name", "A"}, {"valueFrom", Json::object()}}};
       }},
      {"extra_env[0].value_from.secret_key_ref.name: ",
       [](S& s) {
         s.extra_env = {{{"name", "A"},
                         {"valueFrom",
                          {{"secretKeyRef", {{"name", "A_"}, {"key", "k"}}}}}}};
       }},
      {"extra_env[0].value_from.config_map_key_ref.key: ",
       [](S& s) {
         s.extra_env = {
             {{"name", "A"},
              {"valueFrom",
               {{"configMapKeyRef", {{"name", "a"}, {"key", "k k"}}}}}}};
       }},
      {"extra_env[0].value_from.field_ref.field_path: ",
       [](S& s) {
         s.extra_env = {{{"name", "A"},
                         {"valueFrom", {{"fieldRef", {{"fieldPath", ""}}}}}}};
       }},
      {"operator_env: MANAGED_SPEC_ENABLED",
       [](S& s) {
         s.managed_spec_enabled = true;
         s.operator_env = {{"MANAGED_SPEC_ENABLED", "1"}};
       }},
      {"resources.limits[\"cpu\"]: isn't a quantity",
       [](S& s) {
         s.resources = {{"limits", {{"cpu", "1 core"}}}};
       }},
      {"resources.limits[\"memory\"]: isn't a quantity",
       [](S& s) {
         s.resources = {{"limits", {{"memory", "-1Gi"}}}};
       }},
      {"resources.requests[\"nvidia.com/gpu\"]: is more than the limit",
       [](S& s) {
         s.resources = {{"limits", {{"nvidia.com/gpu", "1"}}},
                        {"requests", {{"nvidia.com/gpu", "2"}}}};
       }},
      {"tolerations[1].effect: must be",
       [](S& s) {
         s.tolerations = Json::array(
             {{{"operator", "Exists"}}, {{"key", "a"}, {"effect", "Never"}}});
       }},
      {"tolerations[0]: has no key",
       [](S& s) {
         s.tolerations = Json::array({{{"value", "a"}}});
       }},
      {"affinity.node: must be nodeAffinity",
       [](S& s) {
         s.affinity = {{"node", Json::object()}};
       }},
      {"affinity: ", [](S& s) { s.affinity = "x"; }},
      {"pod_annotations[\"a b\"]: ",
       [](S& s) {
         s.pod_annotations = {{"a b", "c"}};
       }},
      {"pod_annotations[\"wandb.ai/ca-certs-hash\"]: ",
       [](S& s) {
         s.pod_annotations = {{kCaCertsHashAnnotation, "c"}};
       }},
      {"pod_annotations: are ",
       [](S& s) {
         s.pod_annotations = {{"a", std::string(256 << 10, 'c')}};
       }},
      {"namespace_annotations[\"a b\"]: ",
       [](S& s) {
         s.namespace_annotations = {{"a b", "c"}};
       }},
      {"namespace_labels[\"a\"]: ",
       [](S& s) {
         s.namespace_labels = {{"a", "b c"}};
       }},
      {"namespace_labels[\"kubernetes.io/metadata.name\"]: ",
       [](S& s) {
         s.namespace_labels = {{"kubernetes.io/metadata.name", "b"}};
       }},
      {"pod_security_context.fs_group: must be from",
       [](S& s) {
         s.pod_security_context = {{"fsGroup", -1}};
       }},
      {"pod_security_context.seccomp_profile.localhost_profile: ",
       [](S& s) {
         s.pod_security_context = {{"seccompProfile", {{"type", "Localhost"}}}};
       }},
      {"security_context.seccomp_profile.type: must be",
       [](S& s) {
         s.security_context = {{"seccompProfile", {{"type", "Default"}}}};
       }},
      {"security_context.run_as_user: must not be 0",
       [](S& s) {
         s.security_context = {{"runAsNonRoot", true}, {"runAsUser", 0}};
       }},
      {"security_context.allow_privilege_escalation: ",
       [](S& s) {
         s.security_context = {{"allowPrivilegeEscalation", false},
                               {"privileged", true}};
       }},
      {"image_registry: isn't", [](S& s) { s.image_registry = "a b"; }},
      {"release_channel_url: ",
       [](S& s) { s.release_channel_url = "deploy.wandb.ai"; }},
      {"image_registry: ", [](S& s) { s.image_registry = "https://r.io"; }},
      {"service_account.name: ", [](S& s) { s.service_account_name = "A"; }},
      {"namespace_isolation.additional_namespaces[0]: ",
       [](S& s) { s.additional_namespaces = {"wandb"}; }},
  };
  for (const Case& c : cases) {
    OperatorSettings settings;
    c.change(settings);
    const absl::Status status = OperatorManifests(settings).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.start;
    EXPECT_THAT(std::string(status.message()), StartsWith(c.start));
  }
}

// ---- What each option changes, alone and beside each other ----

using Objects = std::vector<Json>;

struct Option {
  const char* name;
  std::function<void(OperatorSettings&)> set;
  std::function<bool(const Objects&)> holds;
};

bool Has(const Objects& objects, const std::string& kind,
         const std::string& name, const std::string& ns = "wandb") {
  return std::any_of(objects.begin(), objects.end(), [&](const Json& object) {
    return object["kind"] == kind && object["metadata"]["name"] == name &&
           object["metadata"].value("namespace", "") == ns;
  });
}

Json At(const Json& json, const std::string& pointer) {
  const Json* found = base::Find(json, pointer);
  return found == nullptr ? Json() : *found;
}
Json PodAt(const Objects& objects, const std::string& pointer) {
  return At(objects.back(), "/spec/template/spec" + pointer);
}
Json ManagerAt(const Objects& objects, const std::string& pointer) {
  return PodAt(objects, "/containers/0" + pointer);
}
// The element of that name, or null.
Json Named(const Json& list, const std::string& name) {
  for (const Json& each : list) {
    if (each.value("name", "") == name) return each;
  }
  return nullptr;
}
Json Variable(const Objects& objects, const std::string& name) {
  return At(Named(ManagerAt(objects, "/env"), name), "/value");
}
bool AllBindingsAreOf(const Objects& objects, const std::string& account) {
  return std::all_of(objects.begin(), objects.end(), [&](const Json& object) {
    return !object.contains("roleRef") ||
           At(object, "/subjects/0/name") == Json(account);
  });
}

// The rules of each.
Json ManagerRolesOf(const Objects& objects) {
  Json all = Json::array();
  for (const Json& object : objects) {
    if (object.contains("rules") &&
        object["metadata"]["name"] == "wandb-manager-role") {
      all.push_back(object["rules"]);
    }
  }
  return all;
}

std::vector<Option> Options() {
  using S = OperatorSettings;
  using O = Objects;
  const std::string pem = Certificate();
  const Json tolerations = Json::array({{{"operator", "Exists"}}});
  const Json affinity = {{"podAffinity", Json::object()}};
  const Json context = {{"runAsNonRoot", true}};
  const Json resources = {{"limits", {{"memory", "1Gi"}}}};
  return {
      {"airgapped", [](S& s) { s.airgapped = true; },
       [](const O& o) {
         return Variable(o, "AIRGAPPED") == "true" &&
                !Named(PodAt(o, "/volumes"), "wandb-charts").is_null();
       }},
      {"charts",
       [](S& s) {
         s.charts = {{"a.tgz", "H4sI"}};
       },
       [](const O& o) {
         return Has(o, "ConfigMap", "wandb-charts") &&
                At(Named(ManagerAt(o, "/volumeMounts"), "wandb-charts"),
                   "/mountPath") == "/charts";
       }},
      {"custom_ca_certs", [pem](S& s) { s.custom_ca_certs = {pem}; },
       [](const O& o) {
         const Json sources = At(Named(PodAt(o, "/volumes"), kOperatorCaVolume),
                                 "/projected/sources");
         return Has(o, "ConfigMap", "operator-wandb-ca-certs") &&
                At(sources.back(), "/configMap/name") ==
                    "operator-wandb-ca-certs" &&
                Variable(o, "SSL_CERT_DIR") == "/certs/" &&
                !At(o.back(),
                    "/spec/template/metadata/annotations/wandb.ai~1ca-certs-"
                    "hash")
                     .is_null();
       }},
      {"ca_certs_config_map", [](S& s) { s.ca_certs_config_map = "theirs"; },
       [](const O& o) {
         return At(Named(PodAt(o, "/volumes"), kOperatorCaVolume),
                   "/projected/sources/0/configMap/name") == "theirs" &&
                !Named(ManagerAt(o, "/volumeMounts"), kOperatorCaVolume)
                     .is_null();
       }},
      {"namespace_isolation",
       [](S& s) {
         s.namespace_isolation = true;
         s.additional_namespaces = {"b", "a"};
       },
       [](const O& o) {
         return !Has(o, "ClusterRole", "wandb-manager-role", "") &&
                !Has(o, "ClusterRoleBinding", "wandb-manager-rolebinding",
                     "") &&
                Has(o, "Role", "wandb-manager-role") &&
                Has(o, "RoleBinding", "wandb-manager-rolebinding", "a") &&
                ManagerAt(o, "/args/2") == "--isolation-namespaces=b,a,wandb";
       }},
      {"service_account.create", [](S& s) { s.create_service_account = false; },
       [](const O& o) {
         return std::none_of(o.begin(), o.end(), [](const Json& each) {
           return each["kind"] == "ServiceAccount";
         });
       }},
      {"service_account.name", [](S& s) { s.service_account_name = "own"; },
       [](const O& o) {
         return AllBindingsAreOf(o, "own") &&
                PodAt(o, "/serviceAccountName") == "own" &&
                Variable(o, "WANDB_MANAGER_SERVICE_ACCOUNT") == "own";
       }},
      {"extra_env",
       [](S& s) {
         s.extra_env = {{{"name", "FIRST"}, {"value", "1"}}};
       },
       [](const O& o) { return ManagerAt(o, "/env/0/name") == "FIRST"; }},
      {"operator_env",
       [](S& s) {
         s.operator_env = {{"SECOND", "2"}};
       },
       [](const O& o) { return Variable(o, "SECOND") == "2"; }},
      {"managed_spec_enabled", [](S& s) { s.managed_spec_enabled = true; },
       [](const O& o) {
         return Variable(o, "MANAGED_SPEC_ENABLED") == "true";
       }},
      {"debug", [](S& s) { s.debug = true; },
       [](const O& o) { return Variable(o, "DEBUG") == "true"; }},
      {"resources", [=](S& s) { s.resources = resources; },
       [=](const O& o) { return ManagerAt(o, "/resources") == resources; }},
      {"tolerations", [=](S& s) { s.tolerations = tolerations; },
       [=](const O& o) { return PodAt(o, "/tolerations") == tolerations; }},
      {"affinity", [=](S& s) { s.affinity = affinity; },
       [=](const O& o) { return PodAt(o, "/affinity") == affinity; }},
      {"pod_annotations",
       [](S& s) {
         s.pod_annotations = {{"team", "ml"}};
       },
       [](const O& o) {
         return At(o.back(), "/spec/template/metadata/annotations/team") ==
                "ml";
       }},
      {"pod_security_context", [=](S& s) { s.pod_security_context = context; },
       [=](const O& o) { return PodAt(o, "/securityContext") == context; }},
      {"security_context", [=](S& s) { s.security_context = context; },
       [=](const O& o) { return ManagerAt(o, "/securityContext") == context; }},
      {"role_rules.add",
       [](S& s) {
         s.added_rules = {{{"apiGroups", {"traefik.io"}},
                           {"resources", {"middlewares"}},
                           {"verbs", {"*"}}}};
       },
       [](const O& o) {
         return At(ManagerRolesOf(o), "/0").dump().find("traefik.io") !=
                std::string::npos;
       }},
      {"role_rules.drop",
       [](S& s) {
         s.dropped_rules = {{{"apiGroups", {"keda.sh"}}}};
       },
       [](const O& o) {
         return ManagerRolesOf(o).dump().find("keda.sh") == std::string::npos;
       }},
      {"namespace_labels",
       [](S& s) {
         s.namespace_labels = {{"a", "b"}};
       },
       [](const O& o) { return At(o.front(), "/metadata/labels/a") == "b"; }},
  };
}

TEST(OperatorManifests, EachOptionDoesItsOwnAloneAndBesideEachOther) {
  const std::vector<Option> options = Options();
  const auto plain = OperatorManifests({});
  ASSERT_TRUE(plain.ok());
  for (const Option& one : options) {
    EXPECT_FALSE(one.holds(*plain)) << one.name;
    for (const Option& other : options) {
      OperatorSettings settings;
      one.set(settings);
      other.set(settings);
      const auto objects = OperatorManifests(settings);
      ASSERT_TRUE(objects.ok()) << objects.status();
      EXPECT_TRUE(one.holds(*objects)) << one.name << " with " << other.name;
      EXPECT_TRUE(other.holds(*objects)) << other.name << " with " << one.name;
    }
  }
}

TEST(OperatorManifests, ResourcesMayBeNone) {
  const auto objects = OperatorManifests({.resources = Json::object()});
  ASSERT_TRUE(objects.ok());
  EXPECT_TRUE(ManagerAt(*objects, "/resources").is_null());
}

TEST(OperatorSettings, ANameMayBeAsLongAsWhatIsMadeOfItAllows) {
  EXPECT_TRUE(CheckOperatorSettings({.name = std::string(63, 'a')}).ok());
  EXPECT_TRUE(
      CheckOperatorSettings({.name = std::string(56, 'a'), .airgapped = true})
          .ok());
}

TEST(OperatorSettings, DebugVariableIsFreeUnlessDebugIsSet) {
  EXPECT_TRUE(CheckOperatorSettings({.operator_env = {{"DEBUG", "1"}}}).ok());
}

}  // namespace
}  // namespace wandb
