// The words that say where credentials are, and where they are not: facts about
// programs that hand them out, and about messages. What is done with them is in
// the finders (credential_finders.h).
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace base::credentials {

using WordList = absl::Span<const absl::string_view>;

// The user part of what has no password but a colon: mail, identities, names
// of resources.
WordList NoUsers();

// What a webhook's URL has before its secret, with or without a scheme.
WordList Webhooks();

// Where others put it; then it must look like one.
WordList HookFolders();

// What follows "bearer" and "basic" in prose.
WordList NoTokens();

// Headers: what follows them is theirs to the end.
WordList SecretHeaders();

// Parameters of signed URLs.
WordList SecretParameters();

// First words of what a message says about a secret, instead of telling it.
WordList ProseWords();

// First words of a sentence that follows the name of what it is about; more
// words must follow.
WordList Openers();

// First words of the names of policies: "require-secret-labels".
WordList PolicyVerbs();

// Words for a password in a sentence; and for other secrets, of which messages
// tell more often what they are.
WordList SpokenPasswords();
WordList SpokenSecrets();

// Between such a word and the secret: "is", "was set to".
WordList SpokenVerbs();

// Names of methods that look like passwords: "sha256".
WordList Methods();

// The beginnings of hashes of passwords: "$2y$".
WordList HashMethods();

// Where a program takes a secret.
struct SecretFlag {
  enum Place {
    kNext,      // "-a x"
    kAttached,  // "-px"
    kEither,
  };
  static constexpr size_t kAny = 0;

  absl::string_view program;
  absl::string_view flag;  // "" for one without.
  Place place = kNext;
  char separator = '\0';         // What stands before it in the argument.
  absl::string_view after = "";  // Only after this subcommand.
  size_t position = kAny;        // Of one without a flag, counted from 1.
};
absl::Span<const SecretFlag> SecretFlags();

// A token that begins with the name of its issuer.
struct Issued {
  absl::string_view prefix;
  size_t least;  // Characters behind the prefix.
};
// Long ones must have a digit, as names with such a beginning seldom do.
absl::Span<const Issued> IssuedTokens();

}  // namespace base::credentials
