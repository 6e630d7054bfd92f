// Wires the provider's resources to the plugin server.
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/parts.h"
#include "provider/plugin/handshake.h"
#include "provider/plugin/server.h"
#include "resources/provider.h"

int main(int argc, char** argv) {
  // Each arena keeps what is freed in it, and there would be one for each of
  // ten calls at a time: a seventh of the provider's memory. The calls wait for
  // the API server, not for one another's allocations.
  ::mallopt(M_ARENA_MAX, 1);  // NOLINT(concurrency-mt-unsafe): the only thread
  // libcurl and OpenSSL would write the session keys of every connection there.
  // Now, since no other thread reads the environment yet.
  ::unsetenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe)
  // OpenSSL's configuration file belongs to the machine's own libcrypto: it may
  // demand modules that this one cannot load, and then nothing would work.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (app::IsCommand(args)) {
    return app::RunCommand(args, TFW_VERSION, {std::cin, std::cout, std::cerr});
  }
  const plugin::Program program{
      .address = TFW_PROVIDER_ADDRESS,
      .version = TFW_VERSION,
      .commands = "merge ... | spec ... | version | help"};
  return plugin::Main(program, args, [] {
    return resources::NewProvider(
        {.version = TFW_VERSION,
         .child_environment = plugin::ChildEnvironment()},
        app::AllParts);
  });
}
