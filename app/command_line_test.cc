#include "app/command_line.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "base/yaml.h"
#include "gmock/gmock.h"

namespace app {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    std::string name = testing::TempDir() + "/command_line.XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~CommandLineTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  int Run(const std::vector<std::string>& args, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_TRUE(IsCommand(args));
    const int status = RunCommand(args, "1.2.3", {in, out, err});
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  Json Out() const {
    auto json = base::ParseJson(out_, "output");
    EXPECT_TRUE(json.ok()) << out_;
    return json.ok() ? *json : Json();
  }

  static std::vector<std::string> Lines(const std::string& text) {
    return absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  }

  std::string folder_, out_, err_;
};

TEST_F(CommandLineTest, MergesAsTheOperatorDoes) {
  std::ifstream in(std::string(TFW_TEST_DATA) + "/merge-cases.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto cases = base::ParseJson(text.str(), "merge-cases.json");
  ASSERT_TRUE(cases.ok());
  size_t merged = 0;
  for (const Json& each : (*cases)["cases"]) {
    SCOPED_TRACE(each["name"].get<std::string>());
    std::vector<std::string> args = {"merge"};
    for (const Json& layer : each["layers"]) {
      args.push_back(File(std::to_string(args.size()) + ".json", layer.dump()));
    }
    if (args.size() < 3) continue;
    ++merged;
    if (each.contains("want")) {
      EXPECT_EQ(Run(args), 0) << err_;
      EXPECT_EQ(Out(), each["want"].is_null() ? Json::object() : each["want"]);
    } else {
      EXPECT_EQ(Run(args), 1);
      EXPECT_THAT(out_, IsEmpty());
      EXPECT_THAT(err_, HasSubstr("the operator "));
    }
  }
  EXPECT_GT(merged, 15U);
}

TEST_F(CommandLineTest, MergeNamesPathAndFilesButNoValue) {
  const std::string high = File("high.yaml", "a: {b: canary-one}\n");
  const std::string low = File("low.yaml", "a: {b: [canary-two]}\n");
  EXPECT_EQ(Run({"merge", high, low}), 1);
  EXPECT_THAT(err_,
              AllOf(HasSubstr("a.b is a string in " + high),
                    HasSubstr("list in " + low), Not(HasSubstr("canary"))));
}

TEST_F(CommandLineTest, MergeRefusesAWholeManifest) {
  const std::string low = File("low.yaml", "a: 1\n");
  EXPECT_EQ(Run({"merge", "-", low},
                "{apiVersion: apps.wandb.com/v1, kind: WeightsAndBiases, spec: "
                "{values: {a: canary}}}"),
            2);
  EXPECT_THAT(err_,
              AllOf(HasSubstr("manifest of kind WeightsAndBiases"),
                    HasSubstr("below spec.values"), Not(HasSubstr("canary"))));
}

TEST_F(CommandLineTest, MergeRefusesAWholeLayer) {
  const std::string low = File("low.yaml", "a: 1\n");
  for (const char* text :
       {"{chart: {version: 0.43.8}, values: {a: canary}}",
        "{values: {a: canary}, origin: {}, chart: {}, findings: []}"}) {
    EXPECT_EQ(Run({"merge", low, "-"}, text), 2);
    EXPECT_THAT(err_, AllOf(HasSubstr("standard input"),
                            HasSubstr("Write what is below values"),
                            Not(HasSubstr("canary"))));
  }
  // A value of that name beside others.
  EXPECT_EQ(Run({"merge", low, "-"}, "{values: {a: 1}, app: {}}"), 0);
}

TEST_F(CommandLineTest, MergeReadsYamlAsHelmDoes) {
  EXPECT_EQ(Run({"merge", File("a.yaml", "a: yes\ncount: 1.0\n"),
                 File("empty.yaml", ""), File("b.json", R"({"b":[1.5]})")}),
            0);
  EXPECT_EQ(Out(), (Json{{"a", true}, {"count", 1}, {"b", {1.5}}}));
}

TEST_F(CommandLineTest, SpecShowsLayersOriginsAndFindings) {
  const std::string values =
      File("v.yaml",
           "global: {host: 'https://a.example', hots: x, bucket: {name: b}}\n"
           "mysql: {install: true}\n");
  const std::string channel = File(
      "c.json",
      R"({"chart":{"url":"https://c.example","name":"n","version":"0.43.8"},
          "values":{"app":{"image":{"tag":"1"}}},"metadata":{"releaseId":"r"}})");
  EXPECT_EQ(Run({"spec", "--values", values, "--channel", channel,
                 "--operator-namespace=op", "--output", "json"}),
            0)
      << err_;
  const Json out = Out();
  EXPECT_EQ(out["values"]["app"]["image"]["tag"], "1");
  EXPECT_EQ(out["values"]["global"]["operator"]["namespace"], "op");
  EXPECT_EQ(out["origin"]["app.image.tag"], "release_channel");
  EXPECT_EQ(out["origin"]["global.host"], "custom_resource");
  EXPECT_EQ(out["chart"]["version"], "0.43.8");
  ASSERT_EQ(out["findings"].size(), 1U) << out_;
  EXPECT_EQ(out["findings"][0]["id"], "unknown-key");
  EXPECT_EQ(out["findings"][0]["severity"], "warning");
  EXPECT_EQ(out["findings"][0]["path"], "global.hots");

  EXPECT_EQ(Run({"spec", "--values", values, "--channel", channel,
                 "--airgapped", "--output=yaml"}),
            1);  // No chart.
  const auto yaml = base::ParseYaml(out_, "output");
  ASSERT_TRUE(yaml.ok());
  EXPECT_FALSE((*yaml)["values"].contains("app"));
}

TEST_F(CommandLineTest, SpecFailsForFindingsThatAreErrors) {
  const std::string values = File("v.yaml", "global: {mysql: {port: '1'}}\n");
  // The user input as values alone.
  const std::string user = File("u.yaml", "global: {mysql: {port: 1}}\n");
  EXPECT_EQ(Run({"spec", "--values", values, "--user-input", user}), 1);
  EXPECT_EQ(Out()["findings"][0]["id"], "kind-clash");
  EXPECT_EQ(Run({"spec", "--values", values, "--chart",
                 File("chart.yaml",
                      "url: https://c.example\nname: operator-wandb\n"
                      "version: 0.18\n")}),
            1);
  EXPECT_EQ(Out()["findings"][0]["id"], "chart-version-type");
}

TEST_F(CommandLineTest, SpecTakesTheValuesFileAsAnyLayer) {
  const std::string layer =
      File("v.yaml",
           "chart: {url: 'https://c.example', name: chart, "
           "version: '0.43.8'}\n"
           "values: {global: {host: 'https://a.test'}}\n");
  EXPECT_EQ(Run({"spec", "--values", layer, "--airgapped"}), 0) << out_;
  EXPECT_EQ(Out()["values"]["global"]["host"], "https://a.test");
  EXPECT_EQ(Out()["chart"]["version"], "0.43.8");
  EXPECT_THAT(err_, IsEmpty());
  // The option goes first.
  EXPECT_EQ(Run({"spec", "--values", layer, "--chart",
                 File("c.yaml",
                      "{url: 'https://c.example', name: chart, version: "
                      "'0.43.9'}\n")}),
            0);
  EXPECT_EQ(Out()["chart"]["version"], "0.43.9");
}

TEST_F(CommandLineTest, AChartVersionAloneIsOneOfWandbsOwn) {
  const std::string values = File("v.yaml", "global: {host: 'https://a.b'}\n");
  EXPECT_EQ(
      Run({"spec", "--values", values, "--chart", "-"}, "{version: '0.43.8'}"),
      0)
      << err_;
  EXPECT_EQ(Out()["chart"]["url"], "https://charts.wandb.ai");
  EXPECT_EQ(Out()["chart"]["version"], "0.43.8");
  EXPECT_EQ(Run({"spec", "--values", values, "--chart", "0.43.9"}), 0) << err_;
  EXPECT_EQ(Out()["chart"]["url"], "https://charts.wandb.ai");
  EXPECT_EQ(Out()["chart"]["version"], "0.43.9");
}

TEST_F(CommandLineTest, SpecNamesKeysThatMayBeMistyped) {
  const std::string good = File("v.yaml", "global: {}\n");
  for (const char* option : {"--user-input", "--channel"}) {
    EXPECT_EQ(Run({"spec", "--values", good, option,
                   File("x.json", R"({"vaules": {"app": {}}, "app": {},
                                      "_releaseId": "r"})")}),
              0);
    EXPECT_THAT(err_, HasSubstr("x.json: no chart reads vaules; a layer's file "
                                "is {chart, values, metadata}"));
    EXPECT_EQ(Run({"spec", "--values", good, option,
                   File("y.json", R"({"chart": null, "vaules": {}})")}),
              2);
    EXPECT_THAT(err_, HasSubstr("y.json: vaules beside chart"));
  }
}

TEST_F(CommandLineTest, RoundsNoInteger) {
  const std::string values =
      File("v.yaml", "app: {x: 1}\ny: 18446744073709551617\n");
  EXPECT_EQ(Run({"spec", "--values", values}), 2);
  EXPECT_THAT(err_, HasSubstr("line 2"));
  EXPECT_THAT(err_, HasSubstr("Write them as strings"));
  const std::string json =
      File("v.json", "{\"app\": {\"x\": 1},\n\"y\": 18446744073709551617}\n");
  EXPECT_EQ(Run({"spec", "--values", json}), 2);
  EXPECT_THAT(err_, HasSubstr("v.json has integers that a double cannot hold: "
                              "line 2, column 6"));
  EXPECT_EQ(Run({"merge", json, File("w.json", "{}")}), 2);
  EXPECT_THAT(err_, HasSubstr("line 2"));
}

TEST_F(CommandLineTest, SpecSaysWhereAnAirgappedOperatorGetsNoChart) {
  const std::string values = File("v.yaml", "global: {}\n");
  EXPECT_EQ(Run({"spec", "--values", values, "--airgapped"}), 1);
  EXPECT_EQ(Out()["findings"][0]["id"], "chart-missing");
  EXPECT_EQ(Out()["findings"][0]["severity"], "error");
}

TEST_F(CommandLineTest, MergePrintsYamlWhereAsked) {
  const std::string a = File("a.yaml", "a: {b: [1]}\n");
  const std::string b = File("b.yaml", "a: {b: [2], c: x}\n");
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{
           {"merge", "--output", "yaml", a, b},
           {"merge", a, "--output=yaml", b}}) {
    EXPECT_EQ(Run(args), 0) << err_;
    EXPECT_THAT(out_, Not(HasSubstr("{")));
    EXPECT_EQ(*base::ParseYaml(out_, "output"),
              (Json{{"a", {{"b", {1, 2}}, {"c", "x"}}}}));
  }
  EXPECT_EQ(Run({"merge", "--output", "json", a, b}), 0);
  EXPECT_EQ(Out(), (Json{{"a", {{"b", {1, 2}}, {"c", "x"}}}}));
}

// As the elements of values_yaml: the last one counts, and lists do not append.
TEST_F(CommandLineTest, SpecMergesItsValuesInOrder) {
  const std::string a =
      File("a.yaml",
           "chart: {url: 'https://c.example', name: chart, version: '0.43.7'}\n"
           "values:\n"
           "  global: {host: 'https://a.test', customCACerts: [a]}\n"
           "  app: {install: true}\n");
  const std::string b =
      File("b.yaml",
           "chart: {url: 'https://c.example', name: chart, version: '0.43.8'}\n"
           "values: {global: {host: 'https://b.test', customCACerts: [b]}}\n");
  const std::string c = File("c.json", R"({"app": {"install": false}})");
  EXPECT_EQ(Run({"spec", "--values", a, "--values=" + b, "--values", c}), 0)
      << err_ << out_;
  EXPECT_EQ(Out()["values"]["global"]["host"], "https://b.test");
  EXPECT_EQ(Out()["values"]["global"]["customCACerts"], Json({"b"}));
  EXPECT_EQ(Out()["values"]["app"]["install"], false);
  EXPECT_EQ(Out()["chart"]["version"], "0.43.8");
  EXPECT_EQ(Run({"spec", "--values", c, "--values", b, "--values", a}), 0);
  EXPECT_EQ(Out()["values"]["global"]["host"], "https://a.test");
  EXPECT_EQ(Out()["chart"]["version"], "0.43.7");
}

TEST_F(CommandLineTest, ReadsStandardInputOnce) {
  const std::string low = File("low.yaml", "a: false\nb: 2\n");
  EXPECT_EQ(Run({"merge", "-", low}, "a: yes\n"), 0);
  EXPECT_EQ(Out(), Json({{"a", true}, {"b", 2}})) << err_;
  for (const char* input :
       {"global: {host: x}\n", "{\"global\":\n\t{\"host\": \"x\"}}"}) {
    EXPECT_EQ(Run({"spec", "--values", "-"}, input), 0) << err_;
    EXPECT_EQ(Out()["values"]["global"]["host"], "x");
  }
  EXPECT_EQ(Run({"spec", "--values", "-", "--chart", "-"}, "{}"), 2);
  EXPECT_THAT(err_, HasSubstr("standard input can be read once"));
  EXPECT_EQ(Run({"spec", "--values", "-"}, "a: [canary\n"), 2);
  EXPECT_THAT(err_, AllOf(HasSubstr("standard input"), HasSubstr("line 1"),
                          Not(HasSubstr("canary"))));
  EXPECT_EQ(Run({"merge", "-", low}, "{\"y\": 18446744073709551617}"), 2);
  EXPECT_THAT(err_, HasSubstr("standard input has integers"));
}

TEST_F(CommandLineTest, SpecTakesAWholeManifest) {
  const std::string manifest = R"(
apiVersion: apps.wandb.com/v1
kind: WeightsAndBiases
metadata: {name: wandb, labels: {a: b}}
spec:
  chart: {url: 'https://c.example', name: chart, version: '0.43.8'}
  values: {global: {host: 'https://a.test', hots: x}}
status: {phase: Completed}
)";
  EXPECT_EQ(Run({"spec", "--values", "-"}, manifest), 0) << err_;
  EXPECT_EQ(Out()["values"]["global"]["host"], "https://a.test");
  EXPECT_EQ(Out()["chart"]["version"], "0.43.8");
  EXPECT_EQ(Out()["findings"][0]["path"], "global.hots");
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(Run({"spec", "--values", "-"},
                "{apiVersion: apps.wandb.com/v1, kind: WeightsAndBiases, spec: "
                "{vaules: {a: canary}}}"),
            0);
  EXPECT_THAT(err_,
              AllOf(HasSubstr("and not vaules"), Not(HasSubstr("canary"))));
  EXPECT_EQ(Run({"spec", "--values", File("m.yaml", manifest), "--values",
                 File("v.yaml", "global: {host: 'https://b.test'}\n")}),
            0);
  EXPECT_EQ(Out()["values"]["global"]["host"], "https://b.test");
}

TEST_F(CommandLineTest, OtherManifestsAreNoValues) {
  const std::string good = File("v.yaml", "global: {}\n");
  const auto manifest = [](const std::string& version, const std::string& kind,
                           const std::string& rest = "spec: {a: canary}") {
    return "apiVersion: " + version + "\nkind: " + kind + "\n" + rest + "\n";
  };
  for (const auto& [text, message] :
       {std::pair(manifest("apps.wandb.com/v2", "WeightsAndBiases"),
                  "but only that of apps.wandb.com/v1 has a chart"),
        std::pair(manifest("v1", "Secret"),
                  "is a whole manifest of kind Secret, but a layer's file is"),
        std::pair(manifest("v1", "'a canary'"),
                  "is a whole manifest, but a layer's file is"),
        std::pair(manifest("apps.wandb.com/v1", "WeightsAndBiases",
                           "spec: {values: canary}"),
                  "standard input, spec: values must be a map")}) {
    EXPECT_EQ(Run({"spec", "--values", "-"}, text), 2);
    EXPECT_THAT(err_, AllOf(HasSubstr(message), Not(HasSubstr("canary"))));
  }
  for (const char* option : {"--user-input", "--channel"}) {
    EXPECT_EQ(Run({"spec", "--values", good, option, "-"},
                  manifest("apps.wandb.com/v1", "WeightsAndBiases")),
              2);
    EXPECT_THAT(err_, HasSubstr("manifest of kind WeightsAndBiases, but"));
  }
}

TEST_F(CommandLineTest, TextHasAFindingOnEachLine) {
  const std::string a = File("a.yaml", "global: {hots: canary, host: x}\n");
  const std::string b =
      File("b.yaml", "global: {mysql: {port: '1'}, lisense: canary}\n");
  const std::string user = File("u.yaml", "global: {mysql: {port: 1}}\n");
  EXPECT_EQ(Run({"spec", "--values", a, "--values", b, "--output", "text"}), 0);
  const auto line = [](const std::string& begin, const std::string& id) {
    return testing::Contains(
        AllOf(testing::StartsWith(begin), testing::EndsWith(" (" + id + ")")));
  };
  EXPECT_THAT(
      Lines(out_),
      AllOf(line(a + ": warning: global.hots ", "unknown-key"),
            line(b + ": warning: global.lisense ", "unknown-key"),
            // Of no file.
            line("info: Which chart version ", "chart-version-unknown"),
            testing::Each(testing::ContainsRegex(
                "^(.*\\.yaml: )?(error|warning|info): .* \\([a-z-]+\\)$"))));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(Run({"spec", "--values", b, "--user-input", user, "--output=text"}),
            1);
  EXPECT_THAT(Lines(out_),
              line(b + ": error: global.mysql.port ", "kind-clash"));
  EXPECT_THAT(out_, Not(HasSubstr("canary")));
  EXPECT_EQ(
      Run({"spec", "--values", "-", "--airgapped", "--output", "text"}, "{}"),
      1);
  EXPECT_THAT(Lines(out_), line("error: No layer names", "chart-missing"));
}

TEST_F(CommandLineTest, AChartIsAFileOrAVersion) {
  const std::string values = File("v.yaml", "global: {}\n");
  EXPECT_EQ(Run({"spec", "--values", values, "--chart", "latest"}), 2);
  EXPECT_THAT(err_, HasSubstr("--chart: latest does not exist, and is no "
                              "version either"));
}

TEST_F(CommandLineTest, AChartHasNoOtherKeys) {
  const std::string good = File("v.yaml", "global: {}\n");
  for (const auto& [chart, message] :
       {std::pair("{url: 'https://c', verison: canary, nmae: x}",
                  "standard input: a chart has no nmae, verison. Its keys are "
                  "url, name, version, "),
        std::pair("chart: {url: 'https://c', name: canary}",
                  "a chart has no chart. Its keys are"),
        std::pair("canary",
                  "must be a map like {url, name, version}, and is "
                  "a string")}) {
    EXPECT_EQ(Run({"spec", "--values", good, "--chart", "-"}, chart), 2);
    EXPECT_THAT(err_, AllOf(HasSubstr(message), Not(HasSubstr("canary"))));
    EXPECT_THAT(out_, IsEmpty());
  }
  EXPECT_THAT(err_, Not(HasSubstr("usage")));
  // All that it has.
  EXPECT_NE(Run({"spec", "--values", good, "--chart", "-"},
                "{url: 'https://c', name: chart, version: '1', username: u, "
                "password: p, repoName: r, debug: true, plainHTTP: false, "
                "path: '', credentialSecret: {name: s}}"),
            2);
  EXPECT_THAT(err_, IsEmpty());
}

TEST_F(CommandLineTest, EachCommandHasItsOwnHelp) {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{
           {"spec", "--help"}, {"help", "spec"}, {"spec", "--values", "-h"}}) {
    EXPECT_EQ(Run(args), 0);
    EXPECT_THAT(
        out_, AllOf(HasSubstr("usage: terraform-provider-wandb spec "),
                    HasSubstr("--user-input FILE"), HasSubstr("json|yaml|text"),
                    HasSubstr("Exit status: "), Not(HasSubstr("merge HIGH"))));
    for (const std::string& line : Lines(out_)) {
      EXPECT_LE(line.size(), 80U) << line;
    }
  }
  EXPECT_EQ(Run({"merge", "--help"}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("merge [OPTION]... HIGH LOW...\n"),
                          HasSubstr("json|yaml\n"), HasSubstr("Exit status: "),
                          Not(HasSubstr("--user-input"))));
  EXPECT_EQ(Run({"version", "--help"}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("usage: terraform-provider-wandb version"),
                          Not(HasSubstr("Options"))));
}

TEST_F(CommandLineTest, HelpNeedsNoCommand) {
  for (const char* help : {"--help", "-help", "-h", "help"}) {
    ASSERT_TRUE(IsCommand({help})) << help;
    EXPECT_EQ(Run({help}), 0);
    EXPECT_THAT(
        out_,
        AllOf(HasSubstr("W&B on Kubernetes"), HasSubstr("usage: "),
              HasSubstr("-debug"), HasSubstr("  merge    merges "),
              HasSubstr("  spec     shows "), HasSubstr("  version  says ")));
  }
  EXPECT_FALSE(IsCommand({"-version"}));
}

TEST_F(CommandLineTest, VersionIsOneLine) {
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_EQ(out_, "terraform-provider-wandb 1.2.3\n");
}

TEST_F(CommandLineTest, WrongUseIsExplained) {
  const std::string good = File("v.yaml", "a: 1\n");
  const std::string broken = File("broken.yaml", "a: [canary\n");
  const std::string list = File("list.yaml", "[a]\n");
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{
           {"merge"},
           {"merge", good},
           {"merge", good, "--x"},
           {"merge", good, folder_ + "/missing"},
           {"merge", good, broken},
           {"spec"},
           {"spec", "--values"},
           {"spec", "--values", good, "--chart", good, "--chart", good},
           {"spec", "--values", good, "--airgapped=true"},
           {"spec", "--values", good, "--output", "json|yaml"},
           {"merge", good, good, "--output", "text"},
           {"merge", good, good, "--output"},
           {"version", "more"},
           {"version", "--x"},
           {"spec", "--values", good, "--output", "xml"},
           {"spec", "--values", good, "more"},
           {"spec", "--values", list},
           {"spec", "--values", good, "--channel", list},
           {"spec", "--values", broken}}) {
    SCOPED_TRACE(testing::PrintToString(args));
    EXPECT_EQ(Run(args), 2);
    EXPECT_THAT(out_, IsEmpty());
    EXPECT_THAT(err_, AllOf(Not(IsEmpty()), Not(HasSubstr("canary"))));
  }
}

}  // namespace
}  // namespace app
