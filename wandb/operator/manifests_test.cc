#include "wandb/operator/manifests.h"

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
      .charts = {{"operator-wandb-0.43.8", "H4sI"}},
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
      {"charts[\"a/b\"]: ",
       [](S& s) {
         s.charts = {{"a/b", "H4sI"}};
       }},
      {"charts[\"a\"]: ",
       [](S& s) {
         s.charts = {{"a", "?"}};
       }},
      {"charts: ",
       [](S& s) {
         s.charts = {{"a", std::string(1 << 20, 'A')}};
       }},
      {"extra_env[0]: ",
       [](S& s) {
         s.extra_env = {{{"value", "x"}}};
       }},
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
