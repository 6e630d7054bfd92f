#include "resources/connection/config_sources.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/certificates.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const support::Certificate& Pair() {
  static const support::Certificate kPair = support::MakeCertificate();
  return kPair;
}
const std::string& Pem() { return Pair().pem; }

// One cluster, user and context named `name`, whose server has that name too.
std::string Kubeconfig(const std::string& name, const std::string& cluster = "",
                       const std::string& user = "{token: t}",
                       bool current = true) {
  return absl::StrReplaceAll(
      R"(apiVersion: v1
kind: Config
clusters: [{name: N, cluster: {server: "https://N:6443/"CLUSTER}}]
users: [{name: N, user: USER}]
contexts: [{name: N, context: {cluster: N, user: N, namespace: ns-N}}]
CURRENT)",
      {{"CLUSTER", cluster},
       {"USER", user},
       {"CURRENT", current ? "current-context: " + name : ""},
       {"N", name}});
}

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    sources_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    sources_.read_file =
        [this](const std::string& path) -> absl::StatusOr<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError("no such file");
      return found->second;
    };
    environment_["HOME"] = "/home/u";
  }

  kube::Config Resolve() {
    const auto config = ResolveConfig(sources_);
    EXPECT_TRUE(config.ok()) << config.status();
    return config.value_or(kube::Config());
  }
  absl::Status Failure() { return ResolveConfig(sources_).status(); }
  std::string Message() { return std::string(Failure().message()); }

  std::map<std::string, std::string> environment_;
  std::map<std::string, std::string> files_;
  ConfigSources sources_;
};

TEST_F(ConfigTest, NothingIsAnErrorThatNamesAllPlaces) {
  files_["/home/u/.kube/config"] = Kubeconfig("home");
  EXPECT_EQ(Failure().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      Message(),
      AllOf(HasSubstr("config_path"), HasSubstr("KUBE_CONFIG_PATH"),
            HasSubstr("KUBE_CONFIG_PATHS"), HasSubstr("KUBE_HOST"),
            HasSubstr("not running in a pod"), Not(HasSubstr("localhost"))));
  sources_.load_kubeconfig = true;
  files_.clear();
  EXPECT_THAT(Message(), AllOf(HasSubstr("KUBECONFIG"),
                               HasSubstr("/home/u/.kube/config")));
}

TEST_F(ConfigTest, ArgumentBeatsEnvironmentBeatsKubeconfig) {
  files_["/k"] = Kubeconfig("file");
  environment_["KUBE_CONFIG_PATH"] = "/k";
  EXPECT_EQ(Resolve().server, "https://file:6443");
  EXPECT_EQ(Resolve().token.Reveal(), "t");
  EXPECT_EQ(Resolve().ns, "ns-file");
  EXPECT_EQ(Resolve().source, "context \"file\" of /k");
  environment_["KUBE_HOST"] = "https://environment";
  environment_["KUBE_TOKEN"] = "e";
  EXPECT_EQ(Resolve().server, "https://environment");
  EXPECT_EQ(Resolve().token.Reveal(), "e");
  EXPECT_EQ(Resolve().source, "KUBE_HOST over context \"file\" of /k");
  sources_.host = "https://argument/prefix/";
  sources_.token = "a";
  EXPECT_EQ(Resolve().server, "https://argument/prefix");
  EXPECT_EQ(Resolve().token.Reveal(), "a");
  EXPECT_EQ(Resolve().source, "argument host over context \"file\" of /k");
  EXPECT_THAT(Resolve().notes,
              testing::Contains(HasSubstr("argument host hides KUBE_HOST")));
  sources_.host = "";  // As if it were unset.
  EXPECT_EQ(Resolve().server, "https://environment");
}

TEST_F(ConfigTest, AHostFromTheEnvironmentIsSaidToBeFromThere) {
  environment_["KUBE_HOST"] = "https://environment";
  EXPECT_EQ(Resolve().source, "KUBE_HOST");
  sources_.host = "https://argument";
  EXPECT_EQ(Resolve().source, "argument host");
}

TEST_F(ConfigTest, PathsGoFromArgumentToEnvironmentToKubectl) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    files_[absl::StrCat("/", name)] = Kubeconfig(name);
  }
  files_["/home/u/.kube/config"] = Kubeconfig("home");
  sources_.load_kubeconfig = true;
  EXPECT_EQ(Resolve().server, "https://home:6443");
  environment_["KUBECONFIG"] = ":/missing:/a:/b";
  EXPECT_EQ(Resolve().server, "https://a:6443");
  environment_["KUBE_CONFIG_PATHS"] = "/c:/a";
  EXPECT_EQ(Resolve().server, "https://c:6443");
  environment_["KUBE_CONFIG_PATH"] = "/d";
  EXPECT_EQ(Resolve().server, "https://d:6443");
  sources_.config_paths = {{"/missing", "/e"}};
  EXPECT_EQ(Resolve().server, "https://e:6443");
  sources_.config_path = "~/.kube/config";
  EXPECT_THAT(Message(), HasSubstr("exclude each other"));
  sources_.config_paths = std::nullopt;
  EXPECT_EQ(Resolve().server, "https://home:6443");
}

TEST_F(ConfigTest, NamedFilesWithoutAServerAreNotTheSameAsNothing) {
  sources_.config_paths = {{"/missing", "/gone"}};
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("/missing:/gone does not exist"));
  files_["/gone"] = "{}";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("no current-context"));
  // Where kubectl looks, nothing needs to be.
  sources_.config_paths = std::nullopt;
  sources_.load_kubeconfig = true;
  files_["/home/u/.kube/config"] = "{}";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ConfigTest, NamedFileMustExistAndParse) {
  sources_.config_path = "/missing";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(), HasSubstr("/missing"));
  sources_.config_path = "/bad";
  for (const char* bad : {"{", "text", "clusters: 3", "users: [{user: {}}]",
                          "users: [{name: a}, {name: a}]"}) {
    files_["/bad"] = bad;
    EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(Message(), AllOf(HasSubstr("/bad"),
                                 HasSubstr("(from argument config_path)")))
        << bad;
  }
}

TEST_F(ConfigTest, BadFileIsTracedToWhatNamesIt) {
  files_["/bad"] = "text";
  files_["/home/u/.kube/config"] = "text";
  sources_.config_paths = {"/bad"};
  EXPECT_THAT(Message(), HasSubstr("(from argument config_paths)"));
  sources_.config_paths = std::nullopt;
  sources_.load_kubeconfig = true;
  EXPECT_THAT(Message(), HasSubstr("(from argument load_kubeconfig)"));
  for (const char* variable :
       {"KUBECONFIG", "KUBE_CONFIG_PATHS", "KUBE_CONFIG_PATH"}) {
    environment_[variable] = "/bad";
    EXPECT_THAT(Message(), HasSubstr(absl::StrCat("(from ", variable, ")")));
  }
}

TEST_F(ConfigTest, ContextPartsCanBeChosenOneByOne) {
  files_["/a"] = Kubeconfig("one", "", "{token: t1}", false);
  files_["/b"] = Kubeconfig("two", "", "{token: t2}", false);
  sources_.config_paths = {{"/a", "/b"}};
  EXPECT_THAT(Message(), HasSubstr("no current-context"));
  sources_.config_context = "one";
  environment_["KUBE_CTX_AUTH_INFO"] = "two";
  EXPECT_EQ(Resolve().server, "https://one:6443");
  EXPECT_EQ(Resolve().token.Reveal(), "t2");
  sources_.config_context_cluster = "two";
  EXPECT_EQ(Resolve().server, "https://two:6443");
}

TEST_F(ConfigTest, UnknownNamesAreTracedToWhatGaveThem) {
  files_["/k"] = Kubeconfig("wandb-test");
  sources_.config_path = "/k";
  environment_["KUBE_CTX"] = "wandb-tset";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), AllOf(HasSubstr("\"wandb-tset\" (from KUBE_CTX)"),
                               HasSubstr("Did you mean \"wandb-test\"?")));
  sources_.config_context = "other";
  EXPECT_THAT(Message(), HasSubstr("\"other\" (from argument config_context)"));
  sources_.config_context = "wandb-test";
  environment_["KUBE_CTX_CLUSTER"] = "nope";
  EXPECT_THAT(Message(), HasSubstr("\"nope\" (from KUBE_CTX_CLUSTER)"));
  environment_["KUBE_CTX_CLUSTER"] = "";
  environment_["KUBE_CTX_AUTH_INFO"] = "me";
  EXPECT_THAT(Message(), HasSubstr("\"me\" (from KUBE_CTX_AUTH_INFO)"));
}

TEST_F(ConfigTest, CaAndInsecureReplaceEachOther) {
  const std::string ca =
      absl::StrCat(", certificate-authority-data: ", absl::Base64Escape(Pem()));
  files_["/k"] = Kubeconfig("a", ca);
  sources_.config_path = "/k";
  sources_.insecure = false;  // Says nothing against the CA.
  EXPECT_EQ(Resolve().ca_pem, Pem());
  sources_.insecure = true;
  EXPECT_EQ(Resolve().ca_pem, "");
  EXPECT_TRUE(Resolve().insecure);
  sources_.cluster_ca_certificate = Pem();
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  sources_.insecure = std::nullopt;
  files_["/k"] = Kubeconfig("a", ", insecure-skip-tls-verify: true");
  EXPECT_FALSE(Resolve().insecure);
  environment_["KUBE_INSECURE"] = "perhaps";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConfigTest, HostClearsTheServerNameOfTheKubeconfig) {
  files_["/k"] = Kubeconfig("a", ", tls-server-name: inner");
  sources_.config_path = "/k";
  EXPECT_EQ(Resolve().tls_server_name, "inner");
  sources_.host = "other:6443";
  EXPECT_EQ(Resolve().server, "https://other:6443");
  EXPECT_EQ(Resolve().tls_server_name, "");
  sources_.tls_server_name = "m";
  EXPECT_EQ(Resolve().tls_server_name, "m");
}

TEST_F(ConfigTest, ArgumentsReplaceTheUsersIdentity) {
  sources_.config_path = "/k";
  files_["/k"] = Kubeconfig("a", "", "{username: u, password: p}");
  EXPECT_EQ(Resolve().username, "u");
  EXPECT_EQ(Resolve().password.Reveal(), "p");
  sources_.token = "t";
  EXPECT_EQ(Resolve().username, "");
  files_["/k"] = Kubeconfig("a", "", "{token: kt, tokenFile: /f}");
  sources_.token = std::nullopt;
  EXPECT_EQ(Resolve().token_file, "");  // Token beats file.
  sources_.username = "u";
  sources_.password = "p";
  EXPECT_TRUE(Resolve().token.empty());
  sources_.token = "both";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConfigTest, ExecArgumentReplacesTheUserAndKeepsATokenBeside) {
  files_["/k"] = Kubeconfig("a", "", "{token: kt, as: jane}");
  sources_.config_path = "/k";
  sources_.exec = kube::ExecConfig{
      .api_version = "client.authentication.k8s.io/v1", .command = "./x/aws"};
  EXPECT_EQ(Resolve().exec->command, "./x/aws");
  EXPECT_TRUE(Resolve().token.empty());  // The kubeconfig's is another's.
  EXPECT_EQ(Resolve().impersonate_user, "jane");
  EXPECT_EQ(Resolve().credential_source,
            "exec plugin \"aws\" of the provider block");
  environment_["KUBE_TOKEN"] = "et";
  EXPECT_EQ(Resolve().token.Reveal(), "et");
  sources_.username = "u";
  EXPECT_THAT(Message(), HasSubstr("exec and username"));
  sources_.username = std::nullopt;
  sources_.exec->api_version = "client.authentication.k8s.io/v1alpha1";
  EXPECT_THAT(Message(), AllOf(HasSubstr("api_version of the exec block"),
                               HasSubstr("v1beta1")));
}

TEST_F(ConfigTest, UsersOfNoUseAreErrorsUnlessReplaced) {
  sources_.config_path = "/k";
  const struct {
    const char* user;
    const char* message;
  } kCases[] = {
      {"{auth-provider: {name: gcp}}",
       "get-token), or use the exec block of the provider"},
      {"{exec: {command: aws}}", "the version is missing"},
  };
  for (const auto& test : kCases) {
    files_["/k"] = Kubeconfig("a", "", test.user);
    sources_.token = std::nullopt;
    EXPECT_FALSE(Failure().ok()) << test.user;
    EXPECT_THAT(Message(),
                AllOf(HasSubstr("user \"a\""), HasSubstr(test.message)));
    sources_.token = "t";
    EXPECT_EQ(Resolve().token.Reveal(), "t");
    EXPECT_FALSE(Resolve().exec.has_value());
  }
}

TEST_F(ConfigTest, GroupsToImpersonateNeedAUser) {
  sources_.config_path = "/k";
  files_["/k"] = Kubeconfig("a", "", "{token: t, as-groups: [g]}");
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("without as"));
}

TEST_F(ConfigTest, IdentitiesAreNotMixed) {
  sources_.config_path = "/k";
  files_["/k"] = Kubeconfig(
      "a", "",
      absl::StrCat("{username: ku, password: kp, client-certificate-data: ",
                   absl::Base64Escape(Pem()), ", client-key-data: ",
                   absl::Base64Escape(Pair().key_pem), "}"));
  sources_.username = "u";
  EXPECT_EQ(Resolve().username, "u");
  EXPECT_TRUE(Resolve().password.empty());
  EXPECT_EQ(Resolve().client_certificate_pem, "");
  EXPECT_EQ(Resolve().credential_source,
            "user name and password of argument username");
  sources_.username = std::nullopt;
  sources_.client_certificate = Pem();  // Not with the kubeconfig's key.
  EXPECT_THAT(Message(), HasSubstr("must be given together"));
  sources_.client_certificate = std::nullopt;
  sources_.password = "p";  // A password alone fits the user's name.
  EXPECT_EQ(Resolve().username, "ku");
  EXPECT_EQ(Resolve().password.Reveal(), "p");
  files_["/k"] = Kubeconfig("a");
  EXPECT_THAT(Message(), HasSubstr("there is no username"));
}

TEST_F(ConfigTest, ArgumentHidesOtherWaysInTheEnvironment) {
  sources_.host = "https://h";
  environment_["KUBE_USER"] = "eu";
  environment_["KUBE_PASSWORD"] = "ep";
  EXPECT_EQ(Resolve().credential_source, "user name and password of KUBE_USER");
  sources_.token = "t";
  EXPECT_EQ(Resolve().username, "");
  EXPECT_TRUE(Resolve().password.empty());
  EXPECT_EQ(Resolve().credential_source, "token of argument token");
  sources_.token = std::nullopt;
  environment_["KUBE_TOKEN"] = "et";
  EXPECT_THAT(Message(), HasSubstr("token and username"));
  sources_.username = "u";
  EXPECT_TRUE(Resolve().token.empty());
  EXPECT_EQ(Resolve().password.Reveal(), "ep");
}

TEST_F(ConfigTest, ProxyArgumentBeatsKubeconfig) {
  files_["/k"] = Kubeconfig("a", ", proxy-url: 'http://one'");
  sources_.config_path = "/k";
  EXPECT_EQ(Resolve().proxy_url, "http://one");
  environment_["KUBE_PROXY_URL"] = "http://u:hunter2@two";
  EXPECT_EQ(Resolve().proxy_url, "http://u:hunter2@two");
  EXPECT_THAT(kube::DescribeConfig(Resolve()),
              AllOf(HasSubstr("proxy two)"), Not(HasSubstr("hunter2"))));
}

TEST_F(ConfigTest, InClusterIsTheLastResort) {
  const std::string dir = "/var/run/secrets/kubernetes.io/serviceaccount/";
  environment_["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  environment_["KUBERNETES_SERVICE_PORT"] = "443";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kFailedPrecondition);
  files_[dir + "token"] = "t";
  files_[dir + "ca.crt"] = Pem();
  files_[dir + "namespace"] = "here\n";
  kube::Config config = Resolve();
  EXPECT_EQ(config.server, "https://[fd00::1]:443");
  EXPECT_EQ(config.token_file, dir + "token");
  EXPECT_EQ(config.ca_pem, Pem());
  EXPECT_EQ(config.ns, "here");
  environment_["POD_NAMESPACE"] = "there";
  EXPECT_EQ(Resolve().ns, "there");
  sources_.host = "https://elsewhere";
  EXPECT_EQ(Resolve().server, "https://elsewhere");
  EXPECT_EQ(Resolve().token_file, "");
  // A chosen context whose cluster is incomplete must not mean the pod's own.
  sources_.host = std::nullopt;
  files_["/k"] =
      "current-context: c\ncontexts: [{name: c, context: {cluster: "
      "x}}]\nclusters: [{name: x, cluster: {}}]";
  sources_.config_path = "/k";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("has no server"));
}

TEST_F(ConfigTest, RefusesBadAddressesAndPem) {
  for (const char* host :
       {"ftp://h", "https://", "https://u:hunter2@h", "https://h/?q", "/x"}) {
    sources_.host = host;
    EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument) << host;
    EXPECT_THAT(Message(), Not(HasSubstr("hunter2")));
  }
  sources_.host = "h";
  sources_.cluster_ca_certificate = absl::Base64Escape(Pem());
  EXPECT_THAT(Message(), HasSubstr("cluster_ca_certificate is not PEM"));
  sources_.cluster_ca_certificate = std::nullopt;
  sources_.client_key = Pem();
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConfigTest, PemOfAKubeconfigIsCalledAsThere) {
  sources_.config_path = "/k";
  const std::string junk = absl::Base64Escape("junk");
  files_["/k"] =
      Kubeconfig("a", absl::StrCat(", certificate-authority-data: ", junk));
  EXPECT_THAT(Message(),
              AllOf(HasSubstr("certificate-authority-data of cluster \"a\" in "
                              "/k is not PEM"),
                    Not(HasSubstr("cluster_ca_certificate")),
                    Not(HasSubstr("base64decode"))));
  const std::string key = Pair().key_pem.substr(0, 100);
  files_["/k"] = Kubeconfig(
      "a", "",
      absl::StrCat("{client-certificate-data: ", absl::Base64Escape(Pem()),
                   ", client-key-data: ", absl::Base64Escape(key), "}"));
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), HasSubstr("client-key-data of user \"a\" in /k holds "
                                   "no key that can be read"));
  // What replaces a part has its own name.
  sources_.client_certificate = Pem();
  environment_["KUBE_CLIENT_KEY_DATA"] = key;
  EXPECT_THAT(Message(), HasSubstr("KUBE_CLIENT_KEY_DATA holds no key"));
}

TEST_F(ConfigTest, APathInPlaceOfPemIsToldAboutFile) {
  sources_.host = "h";
  files_["certificate"] = Pem();
  for (const char* path : {"/tmp/x/ca.pem", "../ca", "ca.crt", "certificate"}) {
    sources_.cluster_ca_certificate = path;
    EXPECT_THAT(Message(), AllOf(HasSubstr("cluster_ca_certificate = file("),
                                 Not(HasSubstr("base64decode"))))
        << path;
  }
  sources_.cluster_ca_certificate = std::nullopt;
  sources_.client_certificate = "c.pem";
  sources_.client_key = Pair().key_pem;
  EXPECT_THAT(Message(), HasSubstr("client_certificate = file("));
  sources_.client_certificate = Pem();
  sources_.client_key = "~/key.pem";
  EXPECT_THAT(Message(), HasSubstr("client_key = file("));
  sources_.client_key = absl::Base64Escape(Pair().key_pem);
  EXPECT_THAT(Message(),
              AllOf(HasSubstr("base64decode"), Not(HasSubstr("file("))));
  // HCL is of no use in a variable.
  sources_.client_key = std::nullopt;
  environment_["KUBE_CLIENT_KEY_DATA"] = "/key.pem";
  EXPECT_THAT(Message(),
              AllOf(HasSubstr("KUBE_CLIENT_KEY_DATA is not PEM"),
                    HasSubstr("what the file holds"), Not(HasSubstr("file("))));
}

TEST_F(ConfigTest, ABadProxyIsAnErrorThatNamesWhereItIsFrom) {
  files_["/k"] = Kubeconfig("a", ", proxy-url: 'ftp://u:hunter2@x'");
  sources_.config_path = "/k";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(),
              HasSubstr("proxy-url of cluster \"a\" in /k: bad proxy"));
  environment_["KUBE_PROXY_URL"] = "ftp://u:hunter2@x";
  EXPECT_THAT(Message(), HasSubstr("KUBE_PROXY_URL: bad proxy"));
  sources_.proxy_url = "http://u:hunter2@x:port";
  EXPECT_THAT(Message(), AllOf(HasSubstr("argument proxy_url: bad proxy"),
                               Not(HasSubstr("hunter2"))));
  sources_.proxy_url = std::nullopt;
  environment_.erase("KUBE_PROXY_URL");
  files_["/k"] = Kubeconfig("a");
  environment_["HTTPS_PROXY"] = "ftp://x";
  EXPECT_THAT(Message(), HasSubstr("HTTPS_PROXY"));
}

// A file's line break at its end is none of it; within, it would end a header.
TEST_F(ConfigTest, TokensAreTrimmedAndOneLine) {
  sources_.host = "h";
  sources_.token = " t\r\n";
  EXPECT_EQ(Resolve().token, base::Secret("t"));
  sources_.token = "hunter2\nX-Other: 1";
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(), AllOf(HasSubstr("token has a line break"),
                               Not(HasSubstr("hunter2"))));
  sources_.token = std::nullopt;
  environment_["KUBE_TOKEN"] = "e\n";
  EXPECT_EQ(Resolve().token, base::Secret("e"));
}

TEST_F(ConfigTest, KeyOfAnotherCertificateNamesBothArguments) {
  const support::Certificate mine = support::MakeCertificate();
  const support::Certificate other = support::MakeCertificate();
  sources_.host = "h";
  sources_.client_certificate = mine.pem;
  sources_.client_key = mine.key_pem;
  EXPECT_EQ(Resolve().client_certificate_pem, mine.pem);
  sources_.client_certificate = other.pem;
  EXPECT_EQ(Failure().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(),
              HasSubstr("client_key is not the key of client_certificate"));
}

TEST_F(ConfigTest, PlainHttpMustBeWrittenOut) {
  sources_.host = "h:80";
  EXPECT_EQ(Resolve().server, "https://h:80");
  sources_.host = "http://h:80";
  EXPECT_EQ(Resolve().server, "http://h:80");
}

}  // namespace
}  // namespace resources
