// BareCurl: POSTs to one URL as hand-written code sends them: libcurl's multi interface, handles reused, one thread.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class BareCurl {
  public:
    explicit BareCurl(std::size_t in_flight) : in_flight_(in_flight) {}

    // `body` of the request of that number, to live until `done` is called with the number. Any failure ends the bench.
    void run(const std::string& url, std::size_t count, const std::function<std::string_view(std::size_t)>& body,
             const std::function<void(std::size_t)>& done) {
        auto* multi = curl_multi_init();
        auto* headers = curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
        std::vector<CURL*> handles;
        std::size_t started = 0, ended = 0;
        const auto start = [&](CURL* handle) {
            const auto text = body(started);
            curl_easy_setopt(handle, CURLOPT_POSTFIELDS, text.data());
            curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(text.size()));
            curl_easy_setopt(handle, CURLOPT_PRIVATE, reinterpret_cast<void*>(started++));
            curl_multi_add_handle(multi, handle);
        };
        while (handles.size() < in_flight_ && started < count) {
            auto* handle = handles.emplace_back(curl_easy_init());
            curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
            curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
            start(handle);
        }
        while (ended < count) {
            int running = 0, left = 0;
            curl_multi_perform(multi, &running);
            bool added = false;
            while (auto* message = curl_multi_info_read(multi, &left)) {
                auto* handle = message->easy_handle;
                if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) std::exit(1);
                void* number = nullptr;
                curl_easy_getinfo(handle, CURLINFO_PRIVATE, &number);
                done(reinterpret_cast<std::uintptr_t>(number));
                ++ended;
                curl_multi_remove_handle(multi, handle);
                if (started >= count) continue;
                start(handle);
                added = true;
            }
            if (!added && ended < count) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
        }
        for (auto* handle : handles) {
            curl_multi_remove_handle(multi, handle);
            curl_easy_cleanup(handle);
        }
        curl_multi_cleanup(multi);
        curl_slist_free_all(headers);
    }

  private:
    std::size_t in_flight_;
};

}  // namespace bench
