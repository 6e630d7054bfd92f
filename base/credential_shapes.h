// What credentials look like, whatever their name: the one table of shapes.
//
// Linear in the text, whatever is in it.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace base {

// Stands for what must not be shown.
inline constexpr char kHidden[] = "(sensitive)";

enum class Care {
  // For values and messages, which must stay useful: what is certain enough.
  kPrecise,
  // For what another program prints: whatever might be one.
  kGenerous,
};

struct Span {
  size_t begin = 0;
  size_t end = 0;  // Behind the last byte.

  bool operator==(const Span&) const = default;
};

// Where credentials are in `text`, in order, none touching the next:
//   - private keys in PEM, and PEM in base64
//   - user info of URLs, also where the scheme is left out
//     ("user:password@tcp(host:1)/db", "KEY:SECRET@host/bucket"), and
//     "user/password@host:1521"
//   - JSON web tokens, and tokens with a prefix of their issuer ("ghp_...")
//   - hashes of passwords: "$2y$10$..."
//   - webhook URLs, which are secrets from the host on
//   - what follows "Bearer", "Basic" or a header's name ("Authorization:")
//   - what follows a name that looks secret: "password=", "AccountKey=",
//     "?sig=", "--token x", "apiKey: x", "\"secret\": \"x\"",
//     "<password>x</password>", "aws_secret_access_key x1"
//   - arguments of programs that take a secret there: "curl -u user:x",
//     "mysql -px", "redis-cli -a x", "--from-literal=key=x"
//   - what a sentence says that a password is, unless it is a word: "password
//   is
//     x1", "IDENTIFIED BY 'x'"
//   - kGenerous: all PEM, words that look random, and everything that follows
//     such a name on its line.
// Of all that, separators may be percent-encoded, once or twice:
// "user%3Apassword%40host", "password%3Dx".
// References ("$(PASSWORD)", "{{ .Values.password }}"), digests of images and
// what is hidden already are no credentials.
std::vector<Span> FindCredentials(absl::string_view text, Care care);

// Whether all of `text` is filled in later, by Kubernetes, a shell or Helm:
// "$(NAME)", "${NAME}", "$NAME", "{{ .Values.name }}", "{{ include \"x\" . }}".
bool IsReference(absl::string_view text);

// Whether `argument` of `program`, which follows the argument `before`, holds a
// secret: "-px" of mysql, "x" behind "-a" of redis-cli.
bool IsSecretArgument(absl::string_view program, absl::string_view before,
                      absl::string_view argument);

}  // namespace base
