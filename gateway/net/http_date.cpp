#include "gateway/net/http_date.hpp"

#include <fmt/format.h>

#include <array>

#include "gateway/base/text.hpp"

namespace tributary::net {

using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Reads from front to back; after the first mismatch it stays failed and every number is 0.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool literal(std::string_view expected) {
        if (!equal_ignoring_case(rest_.substr(0, expected.size()), expected)) return fail();
        rest_.remove_prefix(expected.size());
        return !failed_;
    }
    bool peek(char c) const { return !failed_ && rest_.starts_with(c); }

    int digits(std::size_t least, std::size_t most) {
        int value = 0;
        std::size_t count = 0;
        for (; count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count)
            value = value * 10 + (rest_[count] - '0');
        if (count < least || failed_) return fail(), 0;
        rest_.remove_prefix(count);
        return value;
    }

    // A month's name as 1..12.
    int month() {
        for (std::size_t i = 0; i < kMonths.size() && !failed_; ++i) {
            if (equal_ignoring_case(rest_.substr(0, 3), kMonths[i])) {
                rest_.remove_prefix(3);
                return static_cast<int>(i) + 1;
            }
        }
        return fail(), 0;
    }

    // A weekday, written out or as three letters; the longer reading wins.
    void weekday() {
        for (auto name : kWeekdays) {
            for (auto form : {name, name.substr(0, 3)}) {
                if (!equal_ignoring_case(rest_.substr(0, form.size()), form)) continue;
                rest_.remove_prefix(form.size());
                return;
            }
        }
        fail();
    }

    std::string_view rest() const { return rest_; }
    bool done() const { return !failed_ && rest_.empty(); }
    bool failed() const { return failed_; }

  private:
    bool fail() {
        failed_ = true;
        return false;
    }
    std::string_view rest_;
    bool failed_ = false;
};

struct Moment {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;

    void clock(Scanner& scan) {
        hour = scan.digits(2, 2);
        scan.literal(":");
        minute = scan.digits(2, 2);
        scan.literal(":");
        second = scan.digits(2, 2);
    }

    // A leap second counts as the second after it.
    std::optional<Timestamp> at() const {
        year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
        if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
        return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
    }
};

// "... GMT" after the date; "UTC" is sent as well.
bool zone_and_end(Scanner& scan) {
    scan.literal(scan.rest().ends_with('C') ? " UTC" : " GMT");
    return scan.done();
}

// RFC 9110: a two-digit year that appears to be more than 50 years ahead is the latest past year with those digits.
int full_year(int two_digits, Timestamp now) {
    int this_year = static_cast<int>(year_month_day{floor<days>(now)}.year());
    int year = this_year / 100 * 100 + two_digits;
    return year > this_year + 50 ? year - 100 : year;
}

std::optional<Timestamp> asctime_date(Scanner scan) {
    Moment moment;
    scan.literal(" ");
    moment.month = scan.month();
    scan.literal(" ");
    bool padded = scan.peek(' ');
    if (padded) scan.literal(" ");
    moment.day = padded ? scan.digits(1, 1) : scan.digits(2, 2);
    scan.literal(" ");
    moment.clock(scan);
    scan.literal(" ");
    moment.year = scan.digits(4, 4);
    return scan.done() ? moment.at() : std::nullopt;
}

}  // namespace

std::string format_http_date(Timestamp at) {
    auto day = floor<days>(at);
    year_month_day date{day};
    hh_mm_ss time{floor<seconds>(at - day)};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[weekday{day}.c_encoding()].substr(0, 3),
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now) {
    Scanner scan(trim(text));
    scan.weekday();
    if (scan.failed()) return std::nullopt;
    if (!scan.peek(',')) return asctime_date(scan);
    scan.literal(", ");
    Moment moment;
    moment.day = scan.digits(2, 2);
    bool dashes = scan.peek('-');
    auto separator = dashes ? "-" : " ";
    scan.literal(separator);
    moment.month = scan.month();
    scan.literal(separator);
    auto before_year = scan.rest().size();
    moment.year = scan.digits(dashes ? 2 : 4, 4);
    if (before_year - scan.rest().size() == 2)
        moment.year = full_year(moment.year, now);
    else if (before_year - scan.rest().size() != 4)
        return std::nullopt;
    scan.literal(" ");
    moment.clock(scan);
    return zone_and_end(scan) ? moment.at() : std::nullopt;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    Scanner scan(trim(text));
    Moment moment;
    moment.year = scan.digits(4, 4);
    scan.literal("-");
    moment.month = scan.digits(2, 2);
    scan.literal("-");
    moment.day = scan.digits(2, 2);
    scan.literal(scan.peek(' ') ? " " : "T");
    moment.clock(scan);
    milliseconds fraction{0};
    if (scan.peek('.')) {
        scan.literal(".");
        auto before = scan.rest().size();
        auto value = scan.digits(1, 3);
        for (auto read = before - scan.rest().size(); read < 3; ++read) value *= 10;
        scan.digits(0, 9);  // finer than a millisecond: cut
        fraction = milliseconds{value};
    }
    minutes offset{0};
    if (scan.peek('+') || scan.peek('-')) {
        bool west = scan.peek('-');
        scan.literal(west ? "-" : "+");
        auto offset_hours = scan.digits(2, 2);
        scan.literal(":");
        auto offset_minutes = scan.digits(2, 2);
        if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
        offset = (hours{offset_hours} + minutes{offset_minutes}) * (west ? -1 : 1);
    } else {
        scan.literal("Z");
    }
    auto local = moment.at();
    if (!scan.done() || !local) return std::nullopt;
    return *local + fraction - offset;
}

}  // namespace tributary::net
