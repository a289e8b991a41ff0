#include "gateway/app/certificate_watch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace tributary::app {
namespace {

using namespace std::chrono_literals;
constexpr auto kSoon = std::chrono::days(14);

}  // namespace

CertificateWatch::Marks CertificateWatch::marks_of(const std::vector<std::filesystem::path>& files) {
    Marks marks;
    for (const auto& file : files) {
        struct stat about{};
        const bool there = ::stat(file.c_str(), &about) == 0;
        marks.push_back(
            there ? fmt::format("{} {} {}.{}", about.st_ino, about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec)
                  : "");
    }
    return marks;
}

void CertificateWatch::watch(std::string face, const TlsConfig& tls, net::HttpServer& server) {
    std::vector<std::filesystem::path> files{tls.certificate, tls.key};
    if (!tls.client_authority.empty()) files.push_back(tls.client_authority);
    auto marks = marks_of(files);
    faces_.push_back({std::move(face), std::move(files), &server, std::move(marks)});
}

void CertificateWatch::look(Timestamp now) {
    for (auto& face : faces_) {
        if (auto marks = marks_of(face.files); marks != face.marks) {
            face.marks = std::move(marks);
            if (auto taken = face.server->reload_tls(); !taken) {
                log_.error("a changed certificate was not taken up: the one before stays in use", taken.error());
            } else {
                face.warned = {};
                log_.info("certificate taken up", {{"face", face.name}});
            }
        }
        warn_of_end(face, now);
    }
}

void CertificateWatch::warn_of_end(Face& face, Timestamp now) {
    const auto ends = face.server->certificate_expires();
    if (!ends || *ends - now > kSoon || now - face.warned < 24h) return;
    face.warned = now;
    const auto hours = std::chrono::floor<std::chrono::hours>(*ends - now).count();
    log_.warn(hours < 0 ? "the certificate has ended" : "the certificate ends soon",
              {{"face", face.name}, {"hours_left", hours}});
}

std::map<std::string, Timestamp> CertificateWatch::expiries() const {
    std::map<std::string, Timestamp> out;
    for (const auto& face : faces_)
        if (const auto ends = face.server->certificate_expires()) out.emplace(face.name, *ends);
    return out;
}

}  // namespace tributary::app
