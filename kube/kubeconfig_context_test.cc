#include "kube/kubeconfig_context.h"

#include <ctime>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";

// One cluster, user and context named `name`, whose server has that name too.
std::string Kubeconfig(const std::string& name, const std::string& cluster = "",
                       const std::string& user = "{token: t}") {
  return absl::StrReplaceAll(
      R"(apiVersion: v1
kind: Config
clusters: [{name: N, cluster: {server: "https://N:6443/"CLUSTER}}]
users: [{name: N, user: USER}]
contexts: [{name: N, context: {cluster: N, user: N, namespace: ns-N}}]
current-context: N)",
      {{"CLUSTER", cluster}, {"USER", user}, {"N", name}});
}

class KubeconfigContextTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::optional<ChosenContext>> Choose() {
    const ReadFile read =
        [this](const std::string& path) -> absl::StatusOr<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError("no such file");
      return found->second;
    };
    const auto kubeconfig = LoadKubeconfig(paths_, /*must_exist=*/true, read);
    if (!kubeconfig.ok()) return kubeconfig.status();
    return ChooseContext(*kubeconfig, choice_, read);
  }
  Config Chosen() {
    const auto chosen = Choose();
    EXPECT_TRUE(chosen.ok() && chosen->has_value()) << chosen.status();
    if (!chosen.ok() || !chosen->has_value()) return Config();
    EXPECT_TRUE((*chosen)->user.ok()) << (*chosen)->user;
    return (*chosen)->config;
  }
  absl::Status Failure() { return Choose().status(); }
  std::string Message() { return std::string(Failure().message()); }

  std::map<std::string, std::string> files_;
  std::vector<std::string> paths_;
  ContextChoice choice_;
};

TEST_F(KubeconfigContextTest, NothingIsChosenWithoutAContextOrACluster) {
  files_["/k"] = absl::StrReplaceAll(Kubeconfig("a"), {{"current-", "no-"}});
  paths_ = {"/k"};
  auto chosen = Choose();
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_FALSE(chosen->has_value());
  choice_.cluster = "a";
  EXPECT_EQ(Chosen().server, "https://a:6443/");
  EXPECT_EQ(Chosen().source, "/k");
  EXPECT_FALSE(HasIdentity(Chosen()));
  choice_.user = "a";
  EXPECT_EQ(Chosen().token.Reveal(), "t");
  choice_ = {.context = "a"};
  EXPECT_EQ(Chosen().source, "context \"a\" of /k");
  EXPECT_EQ(Chosen().ns, "ns-a");
}

// Four times the contexts may take eight times as long; a square would take
// sixteen times.
TEST_F(KubeconfigContextTest, IsReadInLinearTime) {
  paths_ = {"/k"};
  const auto time_of = [this](int count) {
    std::string contexts = "contexts:\n";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&contexts, "- {name: context-of-a-long-list-", i,
                      ", context: {cluster: a}}\n");
    }
    files_["/k"] = std::move(contexts);
    const std::clock_t start = std::clock();
    EXPECT_TRUE(Choose().ok());
    return std::clock() - start;
  };
  constexpr std::clock_t kNoise = CLOCKS_PER_SEC / 10;
  const std::clock_t one = time_of(5'000);
  EXPECT_LE(time_of(20'000), 8 * one + kNoise) << one;
}

TEST_F(KubeconfigContextTest, FirstFileWinsAName) {
  files_["/a"] =
      "current-context: two\nclusters: [{name: c, cluster: {server: "
      "'https://first'}}]";
  files_["/b"] = R"(
current-context: one
clusters:
- {name: c, cluster: {server: 'https://second', insecure-skip-tls-verify: true}}
contexts:
- {name: one, context: {cluster: none}}
- {name: two, context: {cluster: c}}
)";
  paths_ = {"/a", "/b"};
  const Config config = Chosen();
  EXPECT_EQ(config.server, "https://first");
  EXPECT_FALSE(config.insecure);  // Whole entries win, not fields.
}

TEST_F(KubeconfigContextTest, UnknownNamesListThoseThatExist) {
  files_["/k"] = Kubeconfig("one");
  paths_ = {"/k"};
  choice_.context = "other";
  choice_.context_from = "a flag";
  // kNotFound is for files, which may be there later.
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(),
            "context \"other\" (from a flag) does not exist in /k, which has "
            "\"one\"");
  choice_.context = "oen";
  EXPECT_THAT(Message(), HasSubstr("Did you mean \"one\"?"));
  choice_.context = "";
  choice_.cluster = "x";
  choice_.cluster_from = "a variable";
  EXPECT_THAT(Message(), HasSubstr("cluster \"x\" (from a variable)"));
  choice_.cluster = "";
  choice_.user = "y";
  EXPECT_THAT(Message(), HasSubstr("user \"y\" does not exist"));
}

TEST_F(KubeconfigContextTest, NamesWithinTheFileAreTracedToTheirPlace) {
  paths_ = {"/k"};
  files_["/k"] = "current-context: x";
  EXPECT_THAT(Message(), AllOf(HasSubstr("\"x\" (from current-context)"),
                               HasSubstr("which has no contexts")));
  files_["/k"] =
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]";
  EXPECT_THAT(Message(), HasSubstr("cluster \"c\" (from context \"x\")"));
}

TEST_F(KubeconfigContextTest, OfManyNamesOnlySomeAreListed) {
  paths_ = {"/k"};
  std::string contexts;
  for (int i = 10; i < 30; ++i) {
    absl::StrAppend(&contexts, "- {name: n", i, "}\n");
  }
  files_["/k"] = absl::StrCat("contexts:\n", contexts);
  choice_.context = "other";
  EXPECT_THAT(Message(), AllOf(HasSubstr("\"n19\" and 10 more"),
                               testing::Not(HasSubstr("n20"))));
}

TEST_F(KubeconfigContextTest, RelativePathsStartAtTheirFile) {
  files_["/etc/kube/config"] =
      Kubeconfig("a", ", certificate-authority: ca.pem",
                 "{client-certificate: sub/c.pem, client-key: /abs/k.pem, "
                 "tokenFile: token}");
  files_["/etc/kube/ca.pem"] = kPem + std::string("ca");
  files_["/etc/kube/sub/c.pem"] = kPem + std::string("cert");
  files_["/abs/k.pem"] = kPem + std::string("key");
  paths_ = {"/etc/kube/config"};
  const Config config = Chosen();
  EXPECT_THAT(config.ca_pem, HasSubstr("ca"));
  EXPECT_THAT(config.client_certificate_pem, HasSubstr("cert"));
  EXPECT_THAT(config.client_key_pem.Reveal(), HasSubstr("key"));
  EXPECT_EQ(config.token_file, "/etc/kube/token");
  files_.erase("/etc/kube/ca.pem");
  EXPECT_THAT(Message(), HasSubstr("certificate-authority"));
}

TEST_F(KubeconfigContextTest, DataBeatsFileAndIsBase64) {
  const std::string data = absl::Base64Escape(kPem);
  files_["/k"] =
      Kubeconfig("a", absl::StrCat(", certificate-authority: /missing, "
                                   "certificate-authority-data: ",
                                   data));
  paths_ = {"/k"};
  EXPECT_EQ(Chosen().ca_pem, kPem);
  files_["/k"] = Kubeconfig("a", ", certificate-authority-data: '%%%'");
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("certificate-authority-data of cluster "
                                   "\"a\" in /k is not base64"));
}

TEST_F(KubeconfigContextTest, PartsAreCalledAsInTheirFile) {
  const std::string data = absl::Base64Escape(kPem);
  files_["/d/k"] =
      Kubeconfig("a", ", certificate-authority: ca.pem, proxy-url: 'http://p'",
                 absl::StrCat("{client-certificate-data: ", data,
                              ", client-key-data: ", data, ", tokenFile: t}"));
  files_["/d/ca.pem"] = kPem;
  paths_ = {"/d/k"};
  const ConfigOrigins origins = Chosen().origins;
  EXPECT_EQ(origins.ca,
            "certificate-authority of cluster \"a\" in /d/k (/d/ca.pem)");
  EXPECT_EQ(origins.proxy, "proxy-url of cluster \"a\" in /d/k");
  EXPECT_EQ(origins.client_certificate,
            "client-certificate-data of user \"a\" in /d/k");
  EXPECT_EQ(origins.client_key, "client-key-data of user \"a\" in /d/k");
  EXPECT_EQ(origins.token_file, "tokenFile of user \"a\" in /d/k");
}

TEST_F(KubeconfigContextTest, UsersOfNoUseSayWhy) {
  paths_ = {"/k"};
  const struct {
    const char* user;
    const char* message;
  } kCases[] = {
      {"{auth-provider: {name: gcp}}", "exec run a credential plugin"},
      {"{exec: {command: aws}}", "the version is missing"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: "
       "aws}}",
       "client.authentication.k8s.io/v1beta1"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}",
       "interactiveMode is missing"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, "
       "interactiveMode: Always}}",
       "needs a terminal"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: "
       "aws, interactiveMode: Sometimes}}",
       "must be Never, IfAvailable or Always"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1beta1}}",
       "command is missing"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: a, "
       "args: [1]}}",
       "args must be"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: a, "
       "env: [{value: x}]}}",
       "env must be"},
      {"{exec: 3}", "not an object"},
  };
  for (const auto& test : kCases) {
    files_["/k"] = Kubeconfig("a", "", test.user);
    const auto chosen = Choose();
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    EXPECT_FALSE((*chosen)->user.ok()) << test.user;
    EXPECT_THAT(std::string((*chosen)->user.message()),
                AllOf(HasSubstr("user \"a\""), HasSubstr(test.message)));
    EXPECT_FALSE((*chosen)->config.exec.has_value());
  }
}

constexpr char kExec[] =
    "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}}";

TEST_F(KubeconfigContextTest, ExecOfTheKubeconfigIsReadWhole) {
  files_["/dir/k"] = Kubeconfig(
      "a",
      R"(, disable-compression: true, extensions: [{name: other, extension: 1},
        {name: client.authentication.k8s.io/exec, extension: {audience: x}}])",
      R"({token: fallback, exec: {apiVersion: client.authentication.k8s.io/v1,
        command: bin/aws, args: [eks, get-token], interactiveMode: Never,
        env: [{name: A, value: '1'}, {name: B, value: ''}],
        installHint: get it, provideClusterInfo: true}})");
  paths_ = {"/dir/k"};
  const Config config = Chosen();
  ASSERT_TRUE(config.exec.has_value());
  EXPECT_EQ(config.exec->command, "/dir/bin/aws");
  EXPECT_EQ(config.exec->name(), "aws");
  EXPECT_THAT(config.exec->args, ElementsAre("eks", "get-token"));
  EXPECT_THAT(config.exec->env,
              ElementsAre(testing::Pair("A", "1"), testing::Pair("B", "")));
  EXPECT_EQ(config.exec->install_hint, "get it");
  EXPECT_TRUE(config.exec->provide_cluster_info);
  EXPECT_EQ(config.exec_cluster_config, base::Json({{"audience", "x"}}));
  EXPECT_TRUE(config.disable_compression);
  EXPECT_EQ(config.token.Reveal(), "fallback");
  EXPECT_THAT(DescribeConfig(config),
              HasSubstr("exec plugin \"aws\" of user \"a\", a token if"));
}

TEST_F(KubeconfigContextTest, ExecCommandIsRelativeToItsFileOnlyWithASlash) {
  paths_ = {"/dir/k"};
  const struct {
    const char* command;
    const char* path;
  } kCases[] = {{"aws", "aws"},
                {"./aws", "/dir/./aws"},
                {"../x/aws", "/dir/../x/aws"},
                {"/opt/aws", "/opt/aws"}};
  for (const auto& test : kCases) {
    files_["/dir/k"] = Kubeconfig(
        "a", "",
        absl::StrCat("{exec: {apiVersion: "
                     "client.authentication.k8s.io/v1beta1, command: ",
                     test.command, "}}"));
    EXPECT_EQ(Chosen().exec->command, test.path);
  }
}

TEST_F(KubeconfigContextTest, ExecYieldsToUserNameAndCertificateOfTheSameUser) {
  paths_ = {"/k"};
  const std::string exec(kExec + 1, sizeof(kExec) - 3);
  files_["/k"] = Kubeconfig(
      "a", "", absl::StrCat("{username: u, password: p, ", exec, "}"));
  EXPECT_FALSE(Chosen().exec.has_value());
  const std::string pem = absl::Base64Escape(kPem);
  files_["/k"] =
      Kubeconfig("a", "",
                 absl::StrCat("{client-certificate-data: ", pem,
                              ", client-key-data: ", pem, ", ", exec, "}"));
  EXPECT_FALSE(Chosen().exec.has_value());
  EXPECT_EQ(Chosen().credential_source, "client certificate of user \"a\"");
}

TEST_F(KubeconfigContextTest, MembersOfAnotherKindAreErrors) {
  paths_ = {"/k"};
  const struct {
    const char* cluster;
    const char* user;
    const char* message;
  } kCases[] = {
      {"", "{token: 123}", "token of user \"a\""},
      {"", "{username: [u]}", "username of user \"a\""},
      {", tls-server-name: 1", "{}", "tls-server-name of cluster \"a\""},
      {", insecure-skip-tls-verify: 'yes'", "{}",
       "insecure-skip-tls-verify of cluster \"a\""},
  };
  for (const auto& test : kCases) {
    files_["/k"] = Kubeconfig("a", test.cluster, test.user);
    EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(), HasSubstr(test.message));
  }
}

TEST_F(KubeconfigContextTest, AnotherKindOfFileIsCalledByItsKind) {
  paths_ = {"/k"};
  files_["/k"] = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), AllOf(HasSubstr("/k is not a kubeconfig file"),
                               HasSubstr("its kind is Secret")));
  files_["/k"] = "- a list";
  EXPECT_THAT(Message(), HasSubstr("/k is not a kubeconfig file"));
}

TEST_F(KubeconfigContextTest, ImpersonationComesFromTheKubeconfig) {
  files_["/k"] = Kubeconfig("a", "",
                            "{token: t, as: jane, as-uid: '7', as-groups: [g, "
                            "h], as-user-extra: {k: [v, w]}}");
  paths_ = {"/k"};
  const Config config = Chosen();
  EXPECT_EQ(config.impersonate_user, "jane");
  EXPECT_EQ(config.impersonate_uid, "7");
  EXPECT_THAT(config.impersonate_groups, ElementsAre("g", "h"));
  EXPECT_THAT(config.impersonate_extra.at("k"), ElementsAre("v", "w"));
}

TEST_F(KubeconfigContextTest, DescriptionNamesSourcesAndHidesSecrets) {
  files_["/k"] = Kubeconfig("a", ", proxy-url: 'http://u:hunter2@p:3128/x'",
                            "{token: hunter3, as: jane}");
  paths_ = {"/k"};
  EXPECT_EQ(DescribeConfig(Chosen()),
            "https://a:6443/ (context \"a\" of /k, token of user \"a\", as "
            "jane, proxy p:3128)");
}

}  // namespace
}  // namespace kube
