// Wires the provider's resources to the plugin server.
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/parts.h"
#include "provider/plugin/handshake.h"
#include "provider/plugin/server.h"
#include "resources/provider.h"

int main(int argc, char** argv) {
  // libcurl and OpenSSL would write the session keys of every connection there.
  // Now, since no other thread reads the environment yet.
  ::unsetenv("SSLKEYLOGFILE");
  // OpenSSL's configuration file belongs to the machine's own libcrypto: it may
  // demand modules that this one cannot load, and then nothing would work.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (app::IsCommand(args)) {
    return app::RunCommand(args, std::cout, std::cerr);
  }
  plugin::ServeOptions options{.name = "terraform-provider-wandb",
                               .version = TFW_VERSION,
                               .address = TFW_PROVIDER_ADDRESS};
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--version") == 0 ||
        std::strcmp(argv[i], "-version") == 0) {
      std::cout << options.name << " " << options.version << "\n";
      return 0;
    }
    if (std::strcmp(argv[i], "-debug") == 0 ||
        std::strcmp(argv[i], "--debug") == 0) {
      options.debug = true;
      continue;
    }
    std::cerr << options.name << ": unknown argument " << argv[i]
              << "\nusage: " << options.name
              << " [-debug | -version | merge ... | spec ...]\n";
    return 2;
  }
  return plugin::Serve(
      options,
      resources::NewProvider({.version = options.version,
                              .child_environment = plugin::ChildEnvironment()},
                             app::AllParts));
}
