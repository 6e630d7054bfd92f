// Writes docs/ (`make docs`); the argument is the repository's folder. Stays
// out of the program.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "app/docs.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_docs REPOSITORY\n";
    return 2;
  }
  const std::string root = argv[1];
  const auto pages = app::DocPages(root);
  if (!pages.ok()) {
    std::cerr << pages.status().message() << "\n";
    return 1;
  }
  for (const auto& [page, text] : *pages) {
    const std::filesystem::path path =
        std::filesystem::path(root) / "docs" / page;
    std::error_code ignored;  // Writing fails, then, too.
    std::filesystem::create_directories(path.parent_path(), ignored);
    std::ofstream file(path);
    if (!(file << text << std::flush)) {
      std::cerr << "cannot write " << path << "\n";
      return 1;
    }
  }
  return 0;
}
