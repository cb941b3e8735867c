// A SoapySDR module for tests/soapy.rs: the driver "ringfalltest", a radio with one receiver. On the air is a carrier of amplitude
// 1/2 at 100.1 MHz. Arguments: overflow=N reports an overflow at every N-th read, die=N fails for good after N reads,
// late=N says nothing after N reads, channels=0 has no receiver.
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Registry.hpp>
#include <chrono>
#include <cmath>
#include <complex>
#include <thread>

class Radio : public SoapySDR::Device
{
public:
    explicit Radio(const SoapySDR::Kwargs &args) : args_(args) {}
    std::string getDriverKey() const override { return "ringfalltest"; }
    size_t getNumChannels(const int direction) const override
    {
        return direction == SOAPY_SDR_RX ? number("channels", 1) : 0;
    }
    void setSampleRate(const int, const size_t, const double rate) override
    {
        if (rate > 30e6) throw std::runtime_error("30 MHz are the most");
        rate_ = rate;
    }
    double getSampleRate(const int, const size_t) const override { return rate_; }
    SoapySDR::RangeList getSampleRateRange(const int, const size_t) const override { return {SoapySDR::Range(1e3, 30e6)}; }
    void setFrequency(const int, const size_t, const double hz, const SoapySDR::Kwargs &) override { centre_ = hz; }
    double getFrequency(const int, const size_t) const override { return centre_; }
    SoapySDR::RangeList getFrequencyRange(const int, const size_t) const override { return {SoapySDR::Range(1e6, 6e9)}; }
    bool hasGainMode(const int, const size_t) const override { return true; }
    void setGain(const int, const size_t, const double db) override { gain_ = std::round(db); }
    double getGain(const int, const size_t) const override { return gain_; }
    SoapySDR::Range getGainRange(const int, const size_t) const override { return SoapySDR::Range(0, 20); }
    std::vector<std::string> getStreamFormats(const int, const size_t) const override { return {"CF32"}; }
    SoapySDR::Stream *setupStream(const int, const std::string &, const std::vector<size_t> &, const SoapySDR::Kwargs &) override
    {
        return reinterpret_cast<SoapySDR::Stream *>(this);
    }
    void closeStream(SoapySDR::Stream *) override {}
    size_t getStreamMTU(SoapySDR::Stream *) const override { return 4096; }
    int activateStream(SoapySDR::Stream *, const int, const long long, const size_t) override
    {
        begun_ = std::chrono::steady_clock::now();
        sent_ = 0;
        return 0;
    }
    int deactivateStream(SoapySDR::Stream *, const int, const long long) override { return 0; }
    int readStream(SoapySDR::Stream *, void *const *buffs, const size_t count, int &, long long &, const long timeoutUs) override
    {
        ++reads_;
        if (number("die", 0) && reads_ > number("die", 0)) return SOAPY_SDR_STREAM_ERROR;
        if (number("overflow", 0) && reads_ % number("overflow", 0) == 0) return SOAPY_SDR_OVERFLOW;
        if (number("late", 0) && reads_ > number("late", 0))
        {
            std::this_thread::sleep_for(std::chrono::microseconds(timeoutUs));
            return SOAPY_SDR_TIMEOUT;
        }
        const size_t n = std::min<size_t>(count, 4096);
        std::this_thread::sleep_until(begun_ + std::chrono::duration<double>((sent_ + n) / rate_));
        auto *out = static_cast<std::complex<float> *>(buffs[0]);
        for (size_t i = 0; i < n; ++i)
        {
            const double turns = std::fmod((100.1e6 - centre_) / rate_ * double(sent_ + i), 1.0);
            out[i] = std::polar(0.5, 2 * M_PI * turns);
        }
        sent_ += n;
        return int(n);
    }

private:
    size_t number(const std::string &key, size_t otherwise) const
    {
        const auto found = args_.find(key);
        return found == args_.end() ? otherwise : std::stoul(found->second);
    }
    SoapySDR::Kwargs args_;
    double rate_ = 1e6, centre_ = 0, gain_ = 0;
    size_t sent_ = 0, reads_ = 0;
    std::chrono::steady_clock::time_point begun_;
};

static SoapySDR::KwargsList find(const SoapySDR::Kwargs &args)
{
    auto found = args;
    found["driver"] = "ringfalltest";
    return {found};
}

static SoapySDR::Device *make(const SoapySDR::Kwargs &args) { return new Radio(args); }

static SoapySDR::Registry registration("ringfalltest", &find, &make, SOAPY_SDR_ABI_VERSION);
