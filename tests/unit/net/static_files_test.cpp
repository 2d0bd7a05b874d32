#include "net/static_files.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "scratch_directory.hpp"

namespace tickcast::net {
namespace {

std::string unpack(std::string_view gzip) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(static_files_test, finds_files_by_url_path_and_an_index_by_its_directory) {
  const test::scratch_directory directory;
  directory.write("index.html", "<p>root");
  directory.write("sub/index.html", "<p>sub");
  directory.write("sub/code.js", "1");
  static_files files;
  files.add_directory(directory.path());
  ASSERT_NE(files.find("/"), nullptr);
  EXPECT_EQ(files.find("/")->body->payload(), "<p>root");
  EXPECT_EQ(files.find("/sub/")->body->payload(), "<p>sub");
  EXPECT_EQ(files.find("/sub/code.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(files.find("/index.html")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(files.find("/sub"), nullptr);
  EXPECT_EQ(files.find(""), nullptr);
}

TEST(static_files_test, serves_nothing_from_outside_hidden_or_unknown) {
  const test::scratch_directory outside;
  outside.write("secret.txt", "secret");
  const test::scratch_directory directory;
  directory.write("a.txt", "a");
  directory.write(".git/config.txt", "hidden");
  directory.write(".env.txt", "hidden");
  directory.write("node_modules/x/index.js", "x");
  directory.write("program.exe", "x");
  std::filesystem::create_symlink(outside.path() / "secret.txt", directory.path() / "link.txt");
  std::filesystem::create_directory_symlink(outside.path(), directory.path() / "linked");
  static_files files;
  files.add_directory(directory.path());
  EXPECT_EQ(files.size(), 1u);
  for (const auto* path : {"/../secret.txt", "/linked/secret.txt", "/link.txt", "/.env.txt",
                           "/.git/config.txt", "//a.txt", "/./a.txt", "/sub/../a.txt", "a.txt"})
    EXPECT_EQ(files.find(path), nullptr) << path;
}

TEST(static_files_test, compresses_what_gets_smaller_and_hashes_what_it_serves) {
  const test::scratch_directory directory;
  const std::string text(5000, 'a');
  directory.write("long.js", text);
  directory.write("same.css", text);
  directory.write("short.js", "1");
  directory.write("picture.png", text);
  static_files files;
  files.add_directory(directory.path());
  const auto* file = files.find("/long.js");
  ASSERT_TRUE(file->gzip);
  EXPECT_EQ(unpack(file->gzip->payload()), text);
  EXPECT_NE(file->etag, file->gzip_etag);
  EXPECT_EQ(file->etag, files.find("/same.css")->etag);
  EXPECT_NE(file->etag, files.find("/short.js")->etag);
  EXPECT_EQ(file->etag.front(), '"');
  EXPECT_FALSE(files.find("/short.js")->gzip);
  EXPECT_FALSE(files.find("/picture.png")->gzip);
}

TEST(static_files_test, says_what_is_missing) {
  static_files files;
  EXPECT_THROW(files.add_directory("/nonexistent"), std::runtime_error);
  EXPECT_THROW(files.add_file("/x.js", "/nonexistent.js"), std::runtime_error);
  EXPECT_THROW(files.add_file("/x", "/bin/true"), std::runtime_error) << "no content type";
}

TEST(accepts_gzip_test, reads_names_and_qualities) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, gzip;q=0.8"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("br, deflate"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0.000"));
  EXPECT_FALSE(accepts_gzip("identity"));
}

TEST(matches_etag_test, knows_lists_weak_tags_and_the_star) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"x\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"b\"", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

}  // namespace
}  // namespace tickcast::net
