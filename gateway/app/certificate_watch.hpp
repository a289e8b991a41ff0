// CertificateWatch: renewed certificates are taken up while the gateway runs, and what is about to end is said in time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gateway/app/config.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/net/http_server.hpp"

namespace tributary::app {

// Used by one thread at a time. Log and the servers given to watch() outlive it.
class CertificateWatch {
  public:
    explicit CertificateWatch(Log& log) : log_(log) {}

    // REQUIRES: called for every face before the first of them starts.
    void watch(std::string face, const TlsConfig& tls, net::HttpServer& server);
    // Takes up files that changed since the last look. Files that are no pair yet, or no good, are logged and change
    // nothing; they are tried again when they change again. Once a day it warns of a certificate that ends within two
    // weeks.
    void look(Timestamp now);
    // When the certificate of each face ends.
    std::map<std::string, Timestamp> expiries() const;

  private:
    // Size, time and inode of each file: enough to tell that one was replaced.
    using Marks = std::vector<std::string>;
    struct Face {
        std::string name;
        std::vector<std::filesystem::path> files;
        net::HttpServer* server;
        Marks marks;
        Timestamp warned{};
    };
    static Marks marks_of(const std::vector<std::filesystem::path>& files);
    void warn_of_end(Face& face, Timestamp now);

    Log& log_;
    std::vector<Face> faces_;
};

}  // namespace tributary::app
