// A till writes a line of fixed columns for each receipt: number (8), customer's e-mail (32), cents (10), time (14).
// No API, no CSV: what a plug-in is for. It reads the receipts, and prints vouchers for the till to read.
//
// The cursor is the offset in the file: the till only ever appends.
#include <cstdio>
#include <fstream>

#include "tributary_plugin.hpp"

using namespace tributary::plugin;

namespace {

constexpr std::size_t kColumns[] = {8, 32, 10, 14};
constexpr std::size_t kLine = 8 + 32 + 10 + 14 + 1;
constexpr int kPage = 100;

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
    return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

class Till final : public Connector {
  public:
    Till(Host host, const Json& settings, const Json&)
        : host_(host), receipts_(settings["receipts"].text()), vouchers_(settings["vouchers"].text()) {
        if (receipts_.empty()) throw Failure("bad_config", "the setting `receipts` is missing");
    }

    std::vector<std::string> streams() const override { return {"receipts"}; }
    std::vector<Action> actions() const override { return {{"print_voucher", "idempotency_key", 50}}; }

    void check() override {
        if (!std::ifstream(receipts_)) throw Failure("bad_config", "the till's file cannot be read");
    }

    Page pull(const std::string&, const std::string& cursor) override {
        std::ifstream file(receipts_, std::ios::binary);
        if (!file) throw Failure("transient", "the till's file cannot be read");
        std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
        file.seekg(static_cast<std::streamoff>(at));
        Page page;
        std::string line(kLine, '\0');
        // A line that the till has not ended yet is read the next time.
        while (page.records.size() < kPage && file.read(line.data(), kLine) && line.back() == '\n') {
            page.records.push_back(record(line));
            at += kLine;
        }
        page.last = page.records.size() < kPage;
        page.cursor = std::to_string(at);
        host_.log(TRIBUTARY_DEBUG, "a page of receipts was read");
        return page;
    }

    Receipt push(const std::string&, const Item& item) override {
        if (vouchers_.empty()) throw Failure("bad_config", "the setting `vouchers` is missing");
        const auto number = item.record["number"].text();
        if (number.empty()) throw Failure("bad_input", "a voucher needs a number");
        if (printed(item.idempotency_key)) return {number, true};
        std::ofstream file(vouchers_, std::ios::app);
        file << number << ' ' << item.idempotency_key << std::endl;
        if (!file) throw Failure("transient", "the file of vouchers cannot be written");
        return {number, false};
    }

  private:
    // The key stands behind each voucher, so one that comes again is known after a restart too.
    bool printed(const std::string& key) const {
        std::ifstream file(vouchers_);
        std::string number, known;
        while (file >> number >> known)
            if (known == key) return true;
        return false;
    }

    static Record record(const std::string& line) {
        std::string cells[4];
        std::size_t at = 0;
        for (int i = 0; i < 4; at += kColumns[i++]) cells[i] = trimmed(line.substr(at, kColumns[i]));
        const auto cents = std::stol(cells[2].empty() ? "0" : cells[2]);
        char total[32];
        std::snprintf(total, sizeof total, "%ld.%02ld", cents / 100, cents % 100);
        Json out = Json::object();
        out.set("number", cells[0]).set("mail", cells[1]).set("total", total).set("time", cells[3]);
        return {cells[0], out.write()};
    }

    Host host_;
    std::string receipts_, vouchers_;
};

}  // namespace

TRIBUTARY_PLUGIN(Till)
