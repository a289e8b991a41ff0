// The elements of one JSON array, found by brackets and quotes alone; each is then parsed strictly by itself.
#include <fmt/format.h>

#include "connectors/data/file/record_reader.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/byte_queue.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kShown = 1024;  // of an element that is too long

class JsonArrayRecords final : public RecordReader {
  public:
    JsonArrayRecords(std::size_t max_record, Position from)
        : queue_(from.offset),
          max_record_(max_record),
          records_(from.record),
          state_(from.offset > 0 ? State::behind : State::start) {}

    void feed(std::string_view chunk) override { queue_.feed(chunk); }

    Result<std::optional<FileRecord>> next(bool finished) override {
        while (state_ != State::inside) {
            TRY(const bool moved, step(finished));
            if (!moved) return std::nullopt;
        }
        return element(finished);
    }

  private:
    enum class State { start, first, inside, behind, closed };

    // What stands outside the elements. False: more is needed, or the array has ended.
    Result<bool> step(bool finished) {
        if (state_ == State::start && queue_.offset() == 0) {
            if (queue_.rest().size() < value::kByteOrderMark.size() && !finished) return false;
            if (queue_.rest().starts_with(value::kByteOrderMark)) queue_.consume(value::kByteOrderMark.size());
        }
        queue_.consume(std::min(queue_.rest().find_first_not_of(kSpace), queue_.rest().size()));
        if (queue_.rest().empty()) {
            if (finished && state_ != State::closed) return bad("the array is not closed");
            return false;
        }
        const char c = queue_.rest().front();
        if (state_ == State::first && c != ']') {
            state_ = State::inside;
            return true;
        }
        if (state_ == State::closed) return bad("characters follow the array");
        if (state_ == State::start && c != '[') return bad("one JSON array was expected; ndjson has an object a line");
        if (state_ == State::behind && c != ',' && c != ']') return bad("',' or ']' was expected in the array");
        queue_.consume(1);
        state_ = c == '[' ? State::first : c == ',' ? State::inside : State::closed;
        return true;
    }

    Result<std::optional<FileRecord>> element(bool finished) {
        const auto rest = queue_.rest();
        for (; scanned_ < rest.size(); ++scanned_) {
            const char c = rest[scanned_];
            if (in_string_) {
                if (c == '\\')
                    escaped_ = !escaped_;
                else if (c == '"' && !escaped_)
                    in_string_ = false;
                if (c != '\\') escaped_ = false;
            } else if (c == '"') {
                in_string_ = true;
            } else if (c == '{' || c == '[') {
                ++depth_;
            } else if (depth_ == 0 && (c == ',' || c == ']')) {
                return take(scanned_);
            } else if (c == '}' || c == ']') {
                if (depth_ > 0) --depth_;
            }
        }
        if (rest.size() > max_record_) drop(rest);
        if (!finished) return std::nullopt;
        if (trim(queue_.rest()).empty() && shown_.empty()) return bad("the array is not closed");
        return take(queue_.rest().size());
    }

    // The element is too long to be kept: its beginning is, for people to see.
    void drop(std::string_view rest) {
        if (shown_.empty()) shown_ = rest.substr(0, kShown);
        queue_.consume(rest.size());
        scanned_ = 0;
    }

    FileRecord take(std::size_t size) {
        const auto text = trim(queue_.rest().substr(0, size));
        FileRecord record{fail(Fault::bad_input, "the record is longer than max_record allows"),
                          {},
                          shown_,
                          fmt::format("record {}", ++records_),
                          {}};
        if (shown_.empty() && text.size() <= max_record_) {
            record.document = parser_.parse(text);
            if (record.document && !record.document->root().is(value::Kind::object)) {
                record.document = fail(Fault::bad_input, "an object was expected");
            }
            (record.document ? record.json : record.raw) = text;
        } else if (shown_.empty()) {
            record.raw = text.substr(0, kShown);
        }
        queue_.consume(size);
        record.after = {queue_.offset(), records_, 1};
        shown_.clear();
        scanned_ = depth_ = 0;
        in_string_ = escaped_ = false;
        state_ = State::behind;
        return record;
    }

    std::unexpected<Error> bad(const char* what) const {
        return fail(Fault::bad_input, fmt::format("byte {}: {}", queue_.offset(), what));
    }

    value::ByteQueue queue_;
    value::JsonParser parser_;
    std::size_t max_record_;
    std::uint64_t records_;
    State state_;
    std::size_t scanned_ = 0, depth_ = 0;
    bool in_string_ = false, escaped_ = false;
    std::string shown_;
};

}  // namespace

std::unique_ptr<RecordReader> make_json_array_reader(const Stream& stream, Position from) {
    return std::make_unique<JsonArrayRecords>(stream.max_record, from);
}

}  // namespace tributary::connectors::file
