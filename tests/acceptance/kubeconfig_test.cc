// The same kubeconfig files, read by kubectl and by us: what a context means
// must be the same. Needs kubectl, but no cluster.
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "resources/connection/config_sources.h"
#include "tests/acceptance/harness.h"
#include "tests/support/certificates.h"

namespace acceptance {
namespace {

namespace fs = std::filesystem;
using base::Json;

// "@" in texts and paths stands for the case's folder, "PEM(x)" for Pem("x"),
// "DATA(x)" for its base64.
struct Case {
  std::string name;
  std::map<std::string, std::string> files;
  std::vector<std::string> list;  // KUBECONFIG; else the file `explicit_path`.
  std::string explicit_path;
  std::string context;
  // Set where kubectl refuses and we do not: why.
  std::string difference;
};

// A certificate and its key, good wherever PEM is wanted, behind what tells one
// from another.
std::string Pem(const std::string& content) {
  static const base::NeverDestroyed<support::Certificate> kPair(
      support::MakeCertificate());
  return absl::StrCat("This is ", content, ".\n", kPair->pem, kPair->key_pem);
}

std::string Expand(std::string text, const std::string& folder) {
  for (const bool data : {false, true}) {
    const std::string mark = data ? "DATA(" : "PEM(";
    for (size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark)) {
      const size_t close = text.find(')', at);
      const std::string pem =
          Pem(text.substr(at + mark.size(), close - at - mark.size()));
      text.replace(at, close + 1 - at, data ? absl::Base64Escape(pem) : pem);
    }
  }
  return absl::StrReplaceAll(text, {{"@", folder}});
}

// A file with cluster, user and context `name`; the parts go into flow maps.
std::string File(const std::string& name, const std::string& cluster = "",
                 const std::string& user = "token: t",
                 const std::string& context = "", bool current = true) {
  return absl::StrCat(
      "apiVersion: v1\nkind: Config\n",
      current ? absl::StrCat("current-context: ", name, "\n") : "",
      "clusters: [{name: ", name, ", cluster: {server: 'https://", name,
      ":6443'", cluster.empty() ? "" : ", ", cluster,
      "}}]\nusers: [{name: ", name, ", user: {", user,
      "}}]\ncontexts: [{name: ", name, ", context: {cluster: ", name,
      ", user: ", name, context.empty() ? "" : ", ", context, "}}]\n");
}

const std::vector<Case>& Cases() {
  static const base::NeverDestroyed<std::vector<Case>> kCases(std::vector<Case>{
      {"plain", {{"k", File("a")}}, {}, "k"},
      {"namespace",
       {{"k", File("a", "", "token: t", "namespace: inner")}},
       {},
       "k"},
      {"json",
       {{"k",
         R"({"current-context":"a","clusters":[{"name":"c","cluster":{"server":"https://j"}}],"users":[],"contexts":[{"name":"a","context":{"cluster":"c"}}]})"}},
       {},
       "k"},
      {"context by name",
       {{"k", File("a")}, {"l", File("b", "", "token: u")}},
       {"k", "l"},
       "",
       "b"},
      {"context that does not exist", {{"k", File("a")}}, {}, "k", "none"},
      {"first current-context wins",
       {{"k", File("a", "", "token: t", "", false)}, {"l", File("b")}},
       {"k", "l"}},
      {"first file wins a whole entry",
       {{"k", File("a", "insecure-skip-tls-verify: true", "token: first")},
        {"l", File("a", "tls-server-name: inner", "username: u, password: p",
                   "namespace: other")}},
       {"k", "l"}},
      {"entries of several files make one context",
       {{"k",
         "current-context: x\ncontexts: [{name: x, context: {cluster: "
         "c, user: u}}]"},
        {"l", "clusters: [{name: c, cluster: {server: 'https://c'}}]"},
        {"m", "users: [{name: u, user: {token: t}}]"}},
       {"k", "l", "m"}},
      {"missing files of a list are passed over",
       {{"k", File("a")}},
       {"missing", "k", "gone"}},
      {"empty entries of a list are passed over",
       {{"k", File("a")}},
       {"", "k", ""}},
      {"a file twice in a list", {{"k", File("a")}}, {"k", "k"}},
      {"all files of a list missing", {}, {"missing", "gone"}},
      {"explicit file missing", {}, {}, "missing"},
      {"broken file", {{"k", "{"}}, {}, "k"},
      {"broken file in a list", {{"k", File("a")}, {"l", "a: [}"}}, {"k", "l"}},
      {"text is no kubeconfig", {{"k", "hello"}}, {}, "k"},
      {"list is no kubeconfig", {{"k", "[1]"}}, {}, "k"},
      {"empty file in a list", {{"k", ""}, {"l", File("a")}}, {"k", "l"}},
      {"empty file", {{"k", ""}}, {}, "k"},
      {"duplicate cluster",
       {{"k",
         "current-context: a\nclusters: [{name: a, cluster: {server: "
         "'https://1'}}, {name: a, cluster: {server: 'https://2'}}]\n"
         "contexts: [{name: a, context: {cluster: a}}]"}},
       {},
       "k"},
      {"duplicate user",
       {{"k", File("a") + "extensions: []\n"},
        {"l", "users: [{name: u, user: {token: 1a}}, {name: u, user: {}}]"}},
       {"k", "l"}},
      {"unused member of another kind",
       {{"k", File("a") + "preferences: {}\n"}},
       {},
       "k"},
      {"files relative to the kubeconfig",
       {{"sub/k", File("a", "certificate-authority: ca.pem",
                       "client-certificate: tls/c.pem, client-key: "
                       "../key.pem")},
        {"sub/ca.pem", "PEM(ca)"},
        {"sub/tls/c.pem", "PEM(cert)"},
        {"key.pem", "PEM(key)"}},
       {},
       "sub/k"},
      {"files relative to their own file of a list",
       {{"one/k",
         File("a", "certificate-authority: ca.pem", "token: t", "", false)},
        {"two/k", "current-context: a\nusers: []"},
        {"one/ca.pem", "PEM(one)"},
        {"two/ca.pem", "PEM(two)"}},
       {"two/k", "one/k"}},
      {"absolute files",
       {{"k", File("a", "certificate-authority: '@/x/ca.pem'")},
        {"x/ca.pem", "PEM(ca)"}},
       {},
       "k"},
      {"data",
       {{"k", File("a", "certificate-authority-data: DATA(ca)",
                   "client-certificate-data: DATA(cert), client-key-data: "
                   "DATA(key)")}},
       {},
       "k"},
      {"data beside a file of the same name",
       {{"k", File("a",
                   "certificate-authority: ca.pem, "
                   "certificate-authority-data: DATA(data)",
                   "client-certificate: c.pem, client-certificate-data: "
                   "DATA(data), client-key: c.pem, client-key-data: "
                   "DATA(data)")},
        {"ca.pem", "PEM(file)"},
        {"c.pem", "PEM(file)"}},
       {},
       "k",
       "",
       "kubectl's flatten refuses both at once, its requests take the data: so "
       "do we"},
      {"data that is no base64",
       {{"k", File("a", "certificate-authority-data: '%%%'")}},
       {},
       "k"},
      {"named file missing",
       {{"k", File("a", "certificate-authority: none.pem")}},
       {},
       "k"},
      {"token file",
       {{"k", File("a", "", "tokenFile: t")}, {"t", "x"}},
       {},
       "k"},
      {"token beside a token file",
       {{"k", File("a", "", "token: direct, tokenFile: '@/t'")}, {"t", "x"}},
       {},
       "k"},
      {"basic",
       {{"k", File("a", "", "username: u, password: 'p:w'")}},
       {},
       "k"},
      {"proxy, server name, no verification",
       {{"k", File("a",
                   "proxy-url: 'socks5://p:1080', tls-server-name: inner, "
                   "insecure-skip-tls-verify: true")}},
       {},
       "k"},
      {"server with a prefix",
       {{"k", absl::StrReplaceAll(File("a"), {{":6443", ":6443/k8s/c1"}})}},
       {},
       "k"},
      {"number as token", {{"k", File("a", "", "token: 123")}}, {}, "k"},
      {"number as namespace",
       {{"k", File("a", "", "token: t", "namespace: 1")}},
       {},
       "k"},
      {"text as flag",
       {{"k", File("a", "insecure-skip-tls-verify: 'yes'")}},
       {},
       "k"},
      {"context without user",
       {{"k",
         "current-context: a\nclusters: [{name: c, cluster: {server: "
         "'https://c'}}]\ncontexts: [{name: a, context: {cluster: c}}]"}},
       {},
       "k"},
      {"context with a user that does not exist",
       {{"k",
         "current-context: a\nclusters: [{name: c, cluster: {server: "
         "'https://c'}}]\ncontexts: [{name: a, context: {cluster: c, "
         "user: none}}]"}},
       {},
       "k"},
      {"context with a cluster that does not exist",
       {{"k",
         "current-context: a\ncontexts: [{name: a, context: {cluster: "
         "none}}]"}},
       {},
       "k"},
      {"no current-context",
       {{"k", File("a", "", "token: t", "", false)}},
       {},
       "k"},
      {"exec",
       {{"k", File("a", "",
                   "exec: {apiVersion: client.authentication.k8s.io/v1beta1, "
                   "command: aws, args: [eks, get-token], env: [{name: A, "
                   "value: b}], interactiveMode: Never}")}},
       {},
       "k"},
      {"exec relative to its file",
       {{"sub/k", File("a", "",
                       "exec: {apiVersion: client.authentication.k8s.io/v1, "
                       "command: ./bin/x, interactiveMode: IfAvailable}")}},
       {},
       "sub/k"},
      {"impersonation",
       {{"k", File("a", "",
                   "token: t, as: jane, as-uid: '7', as-groups: [g, h], "
                   "as-user-extra: {k: [v, w]}")}},
       {},
       "k"},
      {"yaml anchors and comments",
       {{"k",
         "# c\ncurrent-context: a\nclusters:\n- name: c\n  cluster: &x\n"
         "    server: https://c\ncontexts:\n- name: a\n  context: "
         "{cluster: c, user: u}\nusers:\n- {name: u, user: {token: "
         "\"a\\u0062\"}}\n"}},
       {},
       "k"},
  });
  return *kCases;
}

// The cases that both refuse; all others both accept.
bool IsRefused(const Case& test) {
  static const base::NeverDestroyed<std::set<std::string>> kRefused(
      std::set<std::string>{
          "context that does not exist",
          "all files of a list missing",
          "explicit file missing",
          "broken file",
          "broken file in a list",
          "text is no kubeconfig",
          "list is no kubeconfig",
          "empty file",
          "duplicate cluster",
          "duplicate user",
          "data that is no base64",
          "named file missing",
          "number as token",
          "number as namespace",
          "text as flag",
          "context with a user that does not exist",
          "context with a cluster that does not exist",
          "no current-context",
      });
  return kRefused->contains(test.name);
}

class KubeconfigTest : public testing::TestWithParam<Case> {
 protected:
  KubeconfigTest() {
    std::string pattern =
        (fs::temp_directory_path() / "kubeconfig-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    for (const auto& [path, text] : GetParam().files) {
      const fs::path file = fs::path(folder_) / path;
      fs::create_directories(file.parent_path());
      std::ofstream(file, std::ios::binary) << Expand(text, folder_);
    }
  }
  ~KubeconfigTest() override { fs::remove_all(folder_); }

  std::string ListText() const {
    std::vector<std::string> paths;
    for (const std::string& path : GetParam().list) {
      paths.push_back(path.empty() ? "" : absl::StrCat(folder_, "/", path));
    }
    return absl::StrJoin(paths, ":");
  }

  // What kubectl makes of it; null when it refuses.
  Json Theirs() const {
    std::vector<std::string> argv = {Tool("kubectl"), "config",   "view",
                                     "--flatten",     "--minify", "--raw",
                                     "--output=json"};
    const Case& test = GetParam();
    if (!test.explicit_path.empty()) {
      argv.push_back(
          absl::StrCat("--kubeconfig=", folder_, "/", test.explicit_path));
    }
    if (!test.context.empty()) argv.push_back("--context=" + test.context);
    const support::Outcome outcome = support::Run(
        {.argv = argv,
         .environment = {{"KUBECONFIG", ListText()}, {"HOME", folder_}}},
        absl::Minutes(1));
    if (outcome.exit_code != 0) return nullptr;
    auto json = base::ParseJson(outcome.out, "kubectl");
    EXPECT_TRUE(json.ok()) << outcome.out;
    return json.ok() ? *json : Json();
  }

  absl::StatusOr<kube::Config> Ours() const {
    const Case& test = GetParam();
    resources::ConfigSources sources;
    if (test.explicit_path.empty()) {
      sources.load_kubeconfig = true;
    } else {
      sources.config_path = absl::StrCat(folder_, "/", test.explicit_path);
    }
    sources.config_context = test.context;
    sources.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      if (name == "KUBECONFIG") return ListText();
      if (name == "HOME") return folder_;
      return std::nullopt;
    };
    return resources::ResolveConfig(sources);
  }

  std::string folder_;
};

std::string Text(const Json& json, const std::string& pointer) {
  return base::StringAt(json, pointer).value_or("");
}

std::string Decoded(const Json& json, const std::string& pointer) {
  std::string out;
  EXPECT_TRUE(absl::Base64Unescape(Text(json, pointer), &out)) << pointer;
  return out;
}

std::vector<std::string> Strings(const Json& json, const std::string& pointer) {
  std::vector<std::string> out;
  const Json* list = base::Find(json, pointer);
  if (list == nullptr) return out;
  for (const Json& item : *list) out.push_back(item.get<std::string>());
  return out;
}

// kubectl's view leaves paths as they stand in the file; its requests start
// them at the file's folder.
fs::path Resolved(const std::string& path, const std::string& folder) {
  return (fs::path(folder) / path).lexically_normal();
}

// `folder`: of the kubeconfig file.
void CompareUser(const Json& theirs, const kube::Config& ours,
                 const std::string& folder) {
  EXPECT_EQ(ours.token.Reveal(), Text(theirs, "/token"));
  const std::string file = Text(theirs, "/tokenFile");
  if (file.empty() || !ours.token.empty()) {
    EXPECT_EQ(ours.token_file, "");  // The token is what a request takes.
  } else {
    EXPECT_EQ(fs::path(ours.token_file), Resolved(file, folder));
  }
  EXPECT_EQ(ours.username, Text(theirs, "/username"));
  EXPECT_EQ(ours.password.Reveal(), Text(theirs, "/password"));
  EXPECT_EQ(ours.client_certificate_pem,
            Decoded(theirs, "/client-certificate-data"));
  EXPECT_EQ(ours.client_key_pem.Reveal(), Decoded(theirs, "/client-key-data"));
  EXPECT_EQ(ours.impersonate_user, Text(theirs, "/as"));
  EXPECT_EQ(ours.impersonate_uid, Text(theirs, "/as-uid"));
  EXPECT_EQ(ours.impersonate_groups, Strings(theirs, "/as-groups"));
  for (const auto& [key, values] : ours.impersonate_extra) {
    EXPECT_EQ(values, Strings(theirs, "/as-user-extra/" + key));
  }
  EXPECT_EQ(ours.exec.has_value(), theirs.contains("exec"));
  if (!ours.exec.has_value()) return;
  const std::string command = Text(theirs, "/exec/command");
  EXPECT_EQ(fs::path(ours.exec->command).lexically_normal(),
            absl::StrContains(command, '/') ? Resolved(command, folder)
                                            : fs::path(command));
  EXPECT_EQ(ours.exec->api_version, Text(theirs, "/exec/apiVersion"));
  EXPECT_EQ(ours.exec->args, Strings(theirs, "/exec/args"));
  const Json* env = base::Find(theirs, "/exec/env");
  EXPECT_EQ(ours.exec->env.size(),
            env == nullptr || env->is_null() ? 0U : env->size());
}

TEST_P(KubeconfigTest, MeansWhatKubectlReads) {
  const Case& test = GetParam();
  const Json theirs = Theirs();
  const auto ours = Ours();
  if (!test.difference.empty()) {
    EXPECT_TRUE(theirs.is_null()) << "no difference any more";
    ASSERT_TRUE(ours.ok()) << ours.status();
    EXPECT_EQ(ours->ca_pem, Pem("data"));
    EXPECT_EQ(ours->client_certificate_pem, Pem("data"));
    EXPECT_EQ(ours->client_key_pem.Reveal(), Pem("data"));
    return;
  }
  EXPECT_EQ(theirs.is_null(), IsRefused(test)) << theirs;
  ASSERT_EQ(!ours.ok(), IsRefused(test)) << ours.status();
  if (!ours.ok()) return;
  const Json* cluster = base::Find(theirs, "/clusters/0/cluster");
  ASSERT_NE(cluster, nullptr) << theirs;
  EXPECT_EQ(ours->server, Text(*cluster, "/server"));
  EXPECT_EQ(ours->ca_pem, Decoded(*cluster, "/certificate-authority-data"));
  EXPECT_EQ(
      ours->insecure,
      base::BoolAt(*cluster, "/insecure-skip-tls-verify").value_or(false));
  EXPECT_EQ(ours->tls_server_name, Text(*cluster, "/tls-server-name"));
  EXPECT_EQ(ours->proxy_url, Text(*cluster, "/proxy-url"));
  EXPECT_EQ(ours->ns, Text(theirs, "/contexts/0/context/namespace"));
  const Json* user = base::Find(theirs, "/users/0/user");
  CompareUser(user == nullptr ? Json::object() : *user, *ours,
              fs::path(absl::StrCat(folder_, "/", test.explicit_path))
                  .parent_path()
                  .string());
}

std::string CaseName(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.name;
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Vectors, KubeconfigTest, testing::ValuesIn(Cases()),
                         CaseName);

}  // namespace
}  // namespace acceptance
