#include "app/command_line.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "app/layer_files.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "base/yaml.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/findings/evaluate.h"
#include "wandb/merge.h"
#include "wandb/operator/settings.h"
#include "wandb/spec/configured_values.h"
#include "wandb/spec/spec.h"

namespace app {
namespace {

using base::Json;

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

constexpr absl::string_view kProgram = "terraform-provider-wandb";

constexpr char kAbout[] =
    "terraform-provider-wandb runs self-hosted W&B on Kubernetes. Terraform "
    "and "
    "OpenTofu\nstart it by themselves. By hand it has three commands, which "
    "need neither them nor\na cluster, and -version and -debug (serves until "
    "it is stopped, for a debugger).\n\n";

struct Option {
  absl::string_view name;
  absl::string_view value;  // What it takes; "" for nothing.
  absl::string_view doc;
  bool repeated = false;
};

struct Command {
  absl::string_view name;
  absl::string_view files;    // What stands beside the options; "" for nothing.
  absl::string_view summary;  // One line.
  absl::string_view about;
  absl::Span<const Option> options;
};

constexpr Option kMergeOptions[] = {
    {"--output", "json|yaml", "Form of the result; json unless given."},
};

constexpr Option kSpecOptions[] = {
    {"--values", "FILE",
     "What the custom resource says: values, {chart, values}, or a whole "
     "WeightsAndBiases manifest. Several are merged like the elements of "
     "values_yaml: of the same key the last one counts, and lists are not "
     "appended. The last chart counts.",
     true},
    {"--chart", "FILE",
     "The chart, {url, name, version}, in place of theirs; a version alone, "
     "also in place of FILE, is one of W&B's own."},
    {"--user-input", "FILE",
     "What was set in the System Console: {chart, values, metadata} or the "
     "values alone."},
    {"--channel", "FILE", "What the release channel answers, likewise."},
    {"--airgapped", "",
     "The operator is air-gapped: the channel is not asked."},
    {"--operator-namespace", "NAME",
     "Where the operator runs; wandb unless given."},
    {"--output", "json|yaml|text",
     "json unless given. text: the findings alone, one on a line, as FILE: "
     "severity: message (id)."},
};

constexpr Command kCommands[] = {
    {"merge", "HIGH LOW...", "merges values as the operator merges its layers",
     "Prints the operator's merge of two files of values or more, the highest "
     "precedence first: maps merge, lists are appended, and of two scalars the "
     "first one counts.\n\nExit status: 0; 1 where the operator would fail; 2 "
     "for wrong use and for files that cannot be read.",
     kMergeOptions},
    {"spec", "", "shows what the operator makes of a specification",
     "Prints values, origin (path to layer), chart and findings of a whole "
     "specification. The output holds the secrets of the files, but for "
     "--output text, which has no values.\n\nExit status: 0, with warnings, "
     "too; 1 for a finding of severity error; 2 for wrong use and for files "
     "that cannot be read.",
     kSpecOptions},
    {"version",
     "",
     "says which version of the provider this is",
     "Prints the program's name and its version.",
     {}},
};

bool IsHelp(absl::string_view arg) {
  return arg == "--help" || arg == "-help" || arg == "-h" || arg == "help";
}

const Command* FindCommand(absl::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

// `text` in lines of at most 80 columns, each after `indent` spaces.
std::string Wrapped(absl::string_view text, size_t indent) {
  constexpr size_t kColumns = 80;
  std::string out;
  for (const absl::string_view paragraph : absl::StrSplit(text, "\n\n")) {
    if (!out.empty()) out += '\n';
    size_t column = 0;
    for (const absl::string_view word : absl::StrSplit(paragraph, ' ')) {
      const bool first = column == 0;
      if (!first && column + 1 + word.size() > kColumns) {
        out += '\n';
        column = 0;
      }
      const std::string before(column == 0 ? indent : 1, ' ');
      absl::StrAppend(&out, before, word);
      column += before.size() + word.size();
    }
    out += '\n';
  }
  return out;
}

std::string UsageOf(const Command& command) {
  return absl::StrCat("usage: ", kProgram, " ", command.name,
                      command.name == "spec" ? " --values FILE" : "",
                      command.options.empty() ? "" : " [OPTION]...",
                      command.files.empty() ? "" : " ", command.files, "\n");
}

std::string HelpOf(const Command& command) {
  std::string out = UsageOf(command);
  absl::StrAppend(&out, "\n", Wrapped(command.about, 0));
  if (command.options.empty()) return out;
  absl::StrAppend(&out, "\nOptions:\n");
  for (const Option& option : command.options) {
    absl::StrAppend(&out, "  ", option.name, option.value.empty() ? "" : " ",
                    option.value, option.repeated ? "   (repeatable)" : "",
                    "\n", Wrapped(option.doc, 6));
  }
  absl::StrAppend(&out, "\n",
                  Wrapped("Files are YAML, or JSON where their names end in "
                          ".json. - is standard input, of either kind.",
                          0));
  return out;
}

std::string Overview() {
  std::string out(kAbout);
  for (const Command& command : kCommands) {
    absl::StrAppend(&out, UsageOf(command));
  }
  out += '\n';
  for (const Command& command : kCommands) {
    absl::StrAppend(
        &out, absl::StrFormat("  %-8s %s\n", command.name, command.summary));
  }
  absl::StrAppend(&out, "\n", kProgram, " COMMAND --help says more.\n");
  return out;
}

int WrongUse(const Command& command, absl::string_view message,
             std::ostream& err) {
  err << kProgram << ": " << message << "\n"
      << UsageOf(command) << kProgram << " " << command.name
      << " --help says more.\n";
  return kWrongUse;
}

int Unreadable(const absl::Status& status, std::ostream& err) {
  err << kProgram << ": " << status.message() << "\n";
  return kWrongUse;
}

struct Arguments {
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  std::vector<std::string> files;

  // The last one; nullopt for none.
  std::optional<std::string> Get(absl::string_view option) const {
    const auto found = options.find(option);
    if (found == options.end()) return std::nullopt;
    return found->second.back();
  }
};

// "" or what is wrong.
std::string ParseArguments(const Command& command,
                           const std::vector<std::string>& args,
                           Arguments& parsed) {
  for (size_t i = 0; i < args.size(); ++i) {
    const bool dash = absl::StartsWith(args[i], "-") && args[i] != "-";
    if (!dash && !command.files.empty()) {
      parsed.files.push_back(args[i]);
      continue;
    }
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    const auto option = absl::c_find_if(
        command.options, [&](const Option& each) { return each.name == name; });
    if (option == command.options.end()) {
      return absl::StrCat(command.name, " has no ",
                          dash ? "option " : "argument ", name);
    }
    std::vector<std::string>& values = parsed.options[name];
    if (!values.empty() && !option->repeated) {
      return absl::StrCat(name, " is there twice");
    }
    if (option->value.empty()) {
      if (equals != std::string::npos) {
        return absl::StrCat(name, " takes no value");
      }
      values.emplace_back();
    } else if (equals != std::string::npos) {
      values.push_back(args[i].substr(equals + 1));
    } else if (i + 1 < args.size()) {
      values.push_back(args[++i]);
    } else {
      return absl::StrCat(name, " needs a value");
    }
    const bool choice = absl::StrContains(option->value, "|");
    const std::vector<std::string> allowed = absl::StrSplit(option->value, '|');
    if (choice && !absl::c_linear_search(allowed, values.back())) {
      return absl::StrCat(name, " takes ", absl::StrJoin(allowed, ", "));
    }
  }
  return "";
}

// As the operator writes numbers: whole ones without a fraction.
void NormalizeNumbers(Json& tree) {
  constexpr double kExact = 9007199254740992;
  if (tree.is_structured()) {
    for (Json& child : tree) NormalizeNumbers(child);
  } else if (tree.is_number_float()) {
    const double value = tree.get<double>();
    if (std::trunc(value) == value && std::fabs(value) <= kExact) {
      tree = static_cast<int64_t>(value);
    }
  }
}

void Print(Json tree, bool yaml, std::ostream& out) {
  NormalizeNumbers(tree);
  if (yaml) {
    out << base::EmitYaml(tree);
  } else {
    out << tree.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  }
}

int RunMerge(const Command& command, const std::vector<std::string>& args,
             const Console& console) {
  Arguments given;
  if (const std::string wrong = ParseArguments(command, args, given);
      !wrong.empty()) {
    return WrongUse(command, wrong, console.err);
  }
  if (given.files.size() < 2) {
    return WrongUse(command, "merge needs two files or more", console.err);
  }
  LayerFiles files(console.in, console.err);
  std::vector<Json> trees;
  for (const std::string& file : given.files) {
    auto tree = files.ReadValues(file);
    if (!tree.ok()) return Unreadable(tree.status(), console.err);
    trees.push_back(*std::move(tree));
  }
  const wandb::Merged merged = wandb::Merge(trees);
  for (const wandb::Clash& clash : merged.clashes) {
    console.err << kProgram << ": "
                << wandb::ProblemOf(
                       clash, LayerFiles::NameOf(given.files[clash.upper]),
                       LayerFiles::NameOf(given.files[clash.lower]))
                       .message
                << "\n";
  }
  if (!merged.clashes.empty()) return kFailed;
  Print(merged.values, given.Get("--output") == "yaml", console.out);
  return kOk;
}

// One line each, which names the file that wrote it if that is known.
void PrintFindings(const std::vector<wandb::Problem>& findings,
                   const std::vector<std::string>& files, std::ostream& out) {
  for (const wandb::Problem& finding : findings) {
    if (finding.source.has_value() && finding.source->element.has_value()) {
      out << LayerFiles::NameOf(files[*finding.source->element]) << ": ";
    }
    out << wandb::SeverityName(finding.severity) << ": "
        << absl::StrReplaceAll(finding.message, {{"\n", " "}}) << " ("
        << finding.id << ")\n";
  }
}

// What the arguments of `spec` name.
struct SpecFiles {
  wandb::SpecLayer own;
  wandb::ConfiguredValues values;  // Those of `own`, and where they come from.
  std::optional<wandb::SpecLayer> user_input, channel;
};

absl::StatusOr<std::optional<wandb::SpecLayer>> ReadLayerOf(
    const Arguments& given, absl::string_view option, LayerFiles& files) {
  const auto file = given.Get(option);
  if (!file.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(wandb::SpecLayer layer, files.ReadLayer(*file));
  return layer;
}

absl::StatusOr<SpecFiles> ReadSpecFiles(
    const Arguments& given, const std::vector<std::string>& own_files,
    LayerFiles& files) {
  SpecFiles out;
  wandb::ValueSources sources;
  for (const std::string& file : own_files) {
    ASSIGN_OR_RETURN(wandb::SpecLayer layer, files.ReadOwnLayer(file));
    if (!layer.chart.is_null()) out.own.chart = std::move(layer.chart);
    sources.values_yaml.push_back(std::move(layer.values));
  }
  out.values = wandb::MergeConfiguredValues(sources);
  out.own.values = out.values.values;
  if (const auto chart = given.Get("--chart"); chart.has_value()) {
    if (wandb::CompareVersions(*chart, "0.0.0").has_value()) {
      out.own.chart = wandb::CompleteChart({{"version", *chart}});
    } else {
      auto read = files.ReadChart(*chart);
      if (absl::IsNotFound(read.status())) {
        return absl::NotFoundError(absl::StrCat(
            "--chart: ", read.status().message(),
            ", and is no version either: that is three numbers, such as ",
            wandb::kCataloguedChart));
      }
      ASSIGN_OR_RETURN(out.own.chart, std::move(read));
    }
  }
  ASSIGN_OR_RETURN(out.user_input, ReadLayerOf(given, "--user-input", files));
  ASSIGN_OR_RETURN(out.channel, ReadLayerOf(given, "--channel", files));
  return out;
}

int RunSpec(const Command& command, const std::vector<std::string>& args,
            const Console& console) {
  Arguments given;
  if (const std::string wrong = ParseArguments(command, args, given);
      !wrong.empty()) {
    return WrongUse(command, wrong, console.err);
  }
  const std::vector<std::string>& own_files = given.options["--values"];
  if (own_files.empty()) {
    return WrongUse(command, "spec needs --values", console.err);
  }
  LayerFiles files(console.in, console.err);
  const auto input = ReadSpecFiles(given, own_files, files);
  if (!input.ok()) return Unreadable(input.status(), console.err);
  const auto layer = [](const std::optional<wandb::SpecLayer>& each) {
    return each.has_value() ? &*each : nullptr;
  };
  const wandb::Evaluation evaluation = wandb::Evaluate(
      {.custom_resource = &input->own,
       .sources = &input->values.sources,
       .user_input = layer(input->user_input),
       .channel = layer(input->channel),
       .airgapped = given.Get("--airgapped").has_value(),
       .operator_namespace =
           given.Get("--operator-namespace")
               .value_or(std::string(wandb::kOperatorNamespace))});
  const std::string output = given.Get("--output").value_or("json");
  if (output == "text") {
    PrintFindings(evaluation.findings, own_files, console.out);
  } else {
    Json report = wandb::SpecReport(evaluation);
    report.erase("release_metadata");
    Print(std::move(report), output == "yaml", console.out);
  }
  const bool failed =
      absl::c_any_of(evaluation.findings, [](const wandb::Problem& finding) {
        return finding.severity == wandb::Severity::kError;
      });
  return failed ? kFailed : kOk;
}

int Run(const std::vector<std::string>& args, absl::string_view version,
        const Console& console) {
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (IsHelp(args[0])) {
    const Command* command = rest.empty() ? nullptr : FindCommand(rest[0]);
    console.out << (command == nullptr ? Overview() : HelpOf(*command));
    return kOk;
  }
  const Command& command = *FindCommand(args[0]);
  for (const std::string& arg : rest) {
    if (!IsHelp(arg) || arg == "help") continue;
    console.out << HelpOf(command);
    return kOk;
  }
  if (command.name == "merge") return RunMerge(command, rest, console);
  if (command.name == "spec") return RunSpec(command, rest, console);
  if (!rest.empty()) {
    return WrongUse(command, "version takes no arguments", console.err);
  }
  console.out << kProgram << " " << version << "\n";
  return kOk;
}

}  // namespace

bool IsCommand(const std::vector<std::string>& args) {
  return !args.empty() && (FindCommand(args[0]) != nullptr || IsHelp(args[0]));
}

int RunCommand(const std::vector<std::string>& args, absl::string_view version,
               const Console& console) {
  const int status = Run(args, version, console);
  console.out.flush();
  if (!console.out) {
    console.err << kProgram << ": the result could not be written\n";
    return kWrongUse;
  }
  return status;
}

}  // namespace app
