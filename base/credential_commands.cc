#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"
#include "base/credential_words.h"
#include "base/never_destroyed.h"

namespace base {
namespace credentials {
namespace {

constexpr char kBlanksAndQuotes[] = " \t\r\n\"'`";
// A positional secret stands where prose about the command stands, too: less
// so where it is known which of the arguments it is.
constexpr size_t kShortestPositional = 8;
constexpr size_t kShortestAtPlace = 5;

bool IsQuote(char c) { return IsIn(c, "\"'"); }

// "/usr/bin/curl", "x=$(curl", but not "https://h/curl".
absl::string_view ProgramOf(absl::string_view token) {
  if (absl::StrContains(token, kScheme)) return "";
  const size_t before = token.find_last_of("/(");
  if (before != kNone) token.remove_prefix(before + 1);
  token.remove_prefix(Skip(token, 0, [](char c) { return !IsAlnum(c); }));
  return token;
}

// "-sSu" ends with the flag "-u".
bool IsCluster(absl::string_view token, absl::string_view flag) {
  return flag.size() == 2 && flag[1] != '-' && token.size() > 2 &&
         token[0] == '-' && token.back() == flag[1] &&
         absl::c_all_of(token.substr(1),
                        [](unsigned char c) { return absl::ascii_isalpha(c); });
}

// The secret part of an argument's `value`, from where it begins; nothing if
// there is none.
std::optional<size_t> SecretPart(const SecretFlag& flag,
                                 absl::string_view value) {
  size_t begin = 0;
  if (flag.separator != '\0') {
    begin = value.find(flag.separator);
    if (begin == kNone) return std::nullopt;  // Only a user.
    ++begin;
  }
  const absl::string_view secret = value.substr(begin);
  if (IsHarmless(secret) || absl::StartsWith(secret, kHidden)) {
    return std::nullopt;
  }
  return begin;
}

// One command of a line, read argument by argument.
class Command {
 public:
  explicit Command(absl::string_view program) : program_(program) {}

  // What `token` says about itself and the next one.
  struct Said {
    const SecretFlag* of = nullptr;  // Null: it has no secret.
    size_t from = 0;                 // Where in the token the value begins.
  };

  bool ExpectsValue() const { return expected_ != nullptr; }

  // `opens` if a quote follows at once that ends nothing.
  Said Read(absl::string_view token, bool opens) {
    if (const SecretFlag* flag = std::exchange(expected_, nullptr)) {
      return {flag, 0};
    }
    if (!absl::StartsWith(token, "-")) return Positional(token);
    for (const SecretFlag& flag : SecretFlags()) {
      if (flag.program != program_ || flag.flag.empty() || !Ready(flag)) {
        continue;
      }
      const bool whole = token == flag.flag;
      // "--user=x:y"
      absl::string_view rest = token;
      if (absl::StartsWith(flag.flag, "--") &&
          absl::ConsumePrefix(&rest, flag.flag) &&
          absl::StartsWith(rest, "=")) {
        return {&flag, flag.flag.size() + 1};
      }
      if ((flag.place != SecretFlag::kAttached || opens) &&
          (whole || (!absl::StartsWith(token, flag.flag) &&
                     IsCluster(token, flag.flag)))) {
        expected_ = &flag;
        return {};
      }
      if (flag.place != SecretFlag::kNext && !whole &&
          absl::StartsWith(token, flag.flag)) {
        return {&flag, flag.flag.size()};
      }
    }
    return {};
  }

 private:
  bool Ready(const SecretFlag& flag) const {
    return flag.after.empty() || flag.after == after_;
  }

  Said Positional(absl::string_view token) {
    // Of a flag before it, such as an address.
    const bool foreign =
        absl::StrContains(token, kScheme) || absl::StrContains(token, "=");
    ++position_;
    for (const SecretFlag& flag : SecretFlags()) {
      if (flag.program != program_) continue;
      if (!flag.after.empty() && token == flag.after) {
        after_ = flag.after;
        position_ = 0;
        return {};
      }
      const bool here = flag.position == SecretFlag::kAny
                            ? !foreign && absl::c_any_of(token, IsDigit)
                            : flag.position == position_;
      if (flag.flag.empty() && Ready(flag) && here &&
          token.size() >= (flag.position == SecretFlag::kAny
                               ? kShortestPositional
                               : kShortestAtPlace)) {
        return {&flag, 0};
      }
    }
    return {};
  }

  absl::string_view program_;
  absl::string_view after_;  // The subcommand that was met.
  size_t position_ = 0;      // Arguments behind it that are no flags.
  const SecretFlag* expected_ = nullptr;
};

bool HasSecretFlags(absl::string_view program) {
  using Programs = absl::flat_hash_set<absl::string_view>;
  static const NeverDestroyed<Programs> kPrograms([] {
    Programs programs;
    for (const SecretFlag& flag : SecretFlags()) programs.insert(flag.program);
    return programs;
  }());
  return kPrograms->contains(program);
}

// The end of the value at `begin`, which quotes may surround.
size_t ValueEnd(absl::string_view text, size_t begin) {
  size_t end = kNone;
  if (begin > 0 && IsQuote(text[begin - 1])) {
    const char ends[] = {text[begin - 1], '\n', '\0'};
    end = text.find_first_of(ends, begin);
    if (end != kNone && text[end] == '\n') end = kNone;
  }
  if (end == kNone) {
    end = std::min(text.find_first_of(kBlanksAndQuotes, begin), text.size());
  }
  // Of an escaped quote.
  if (end < text.size() && end > begin && text[end - 1] == '\\') --end;
  return end;
}

}  // namespace

void FindCommandArguments(absl::string_view text, Care, Spans& found) {
  std::optional<Command> command;
  size_t last = 0;  // The end of the token before.
  size_t at = 0;
  while ((at = text.find_first_not_of(kEndOfToken, at)) != kNone) {
    const size_t end =
        std::min(text.find_first_of(kEndOfToken, at), text.size());
    const absl::string_view gap = text.substr(last, at - last);
    // A line ends a command, unless a backslash says that it goes on.
    if (gap.find('\n') != kNone && gap.find('\\') == kNone) command.reset();
    absl::string_view token = text.substr(at, end - at);
    const size_t begin = at;
    last = at = end;
    if (absl::c_all_of(token, [](char c) { return IsIn(c, ",[]"); })) continue;
    if (absl::c_all_of(token, [](char c) { return IsIn(c, ";|&"); })) {
      command.reset();
      continue;
    }
    const bool opens = end < text.size() && IsQuote(text[end]) &&
                       (begin == 0 || text[begin - 1] != text[end]);
    token = absl::StripSuffix(token, ",");
    if (!command.has_value() || !command->ExpectsValue()) {
      // Programs call others.
      const absl::string_view program = ProgramOf(token);
      if (HasSecretFlags(program)) {
        command.emplace(program);
        continue;
      }
    }
    if (!command.has_value()) continue;
    const Command::Said said = command->Read(token, opens);
    if (said.of != nullptr) {
      const size_t value = begin + said.from;
      const size_t value_end = std::max(ValueEnd(text, value), end);
      if (const auto part =
              SecretPart(*said.of, text.substr(value, value_end - value))) {
        found.push_back({value + *part, value_end});
      }
      last = at = value_end;
    }
    if (absl::EndsWith(token, ";")) command.reset();
  }
}

}  // namespace credentials

bool IsSecretArgument(absl::string_view program, absl::string_view before,
                      absl::string_view argument) {
  credentials::Command command(credentials::ProgramOf(program));
  command.Read(before, false);
  const auto said = command.Read(argument, false);
  return said.of != nullptr &&
         credentials::SecretPart(*said.of, argument.substr(said.from))
             .has_value();
}

}  // namespace base
