/* Writes samples into a ring in a shared file, for `ringfall view shm://NAME`. C11, POSIX. The layout is in
 * src/source/shared_ring.rs. One producer at a time; a reader never makes it wait.
 *
 *     struct shared_ring ring;
 *     if (shared_ring_open(&ring, "/dev/shm/radio", "cf32", 64 << 20, 2.4e6, 100.1e6, session) != 0) perror("radio");
 *     shared_ring_write(&ring, samples, bytes);       // whole samples
 *     shared_ring_close(&ring);
 */
#ifndef RINGFALL_SHARED_RING_H
#define RINGFALL_SHARED_RING_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct shared_ring_header {
    char magic[8];
    uint32_t version;
    char format[12];
    uint64_t ring_bytes;
    double rate_hz;
    double centre_hz;
    uint64_t start_ns;
    uint64_t session;
    _Atomic uint64_t begun;
    _Atomic uint64_t done;
    _Atomic uint64_t settings;
};

enum { SHARED_RING_HEADER = 4096 };

struct shared_ring {
    struct shared_ring_header *header;
    unsigned char *bytes;
    uint64_t size;
};

/* Makes the file, or takes it over. `session` has to be another number each time: the time in nanoseconds, for example.
 * Returns 0, or -1 and errno. */
static inline int shared_ring_open(struct shared_ring *ring, const char *path, const char *format, uint64_t ring_bytes,
                                   double rate_hz, double centre_hz, uint64_t session) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0) return -1;
    void *place = MAP_FAILED;
    if (ftruncate(file, (off_t)(SHARED_RING_HEADER + ring_bytes)) == 0)
        place = mmap(0, SHARED_RING_HEADER + ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place == MAP_FAILED) return -1;
    ring->header = place;
    ring->bytes = (unsigned char *)place + SHARED_RING_HEADER;
    ring->size = ring_bytes;
    struct shared_ring_header *header = ring->header;
    uint64_t settings = atomic_load(&header->settings) | 1;
    atomic_store(&header->settings, settings);
    /* What follows must not be seen before the odd number. */
    atomic_thread_fence(memory_order_seq_cst);
    header->version = 1;
    memset(header->format, 0, sizeof header->format);
    strncpy(header->format, format, sizeof header->format - 1);
    header->ring_bytes = ring_bytes;
    header->rate_hz = rate_hz;
    header->centre_hz = centre_hz;
    header->start_ns = 0;
    header->session = session;
    atomic_store(&header->done, 0);
    atomic_store(&header->begun, 0);
    memcpy(header->magic, "RINGFALL", 8);
    atomic_store(&header->settings, settings + 1);
    return 0;
}

/* Says that the samples from now on are around another frequency. */
static inline void shared_ring_tune(struct shared_ring *ring, double centre_hz) {
    uint64_t settings = atomic_load(&ring->header->settings);
    atomic_store(&ring->header->settings, settings + 1);
    atomic_thread_fence(memory_order_seq_cst);
    ring->header->centre_hz = centre_hz;
    atomic_store(&ring->header->settings, settings + 2);
}

static inline void shared_ring_write(struct shared_ring *ring, const void *samples, uint64_t bytes) {
    const unsigned char *from = samples;
    while (bytes > 0) {
        uint64_t done = atomic_load(&ring->header->done), at = done % ring->size;
        uint64_t now = bytes < ring->size - at ? bytes : ring->size - at;
        atomic_store(&ring->header->begun, done + now);
        atomic_thread_fence(memory_order_seq_cst);
        memcpy(ring->bytes + at, from, now);
        atomic_store(&ring->header->done, done + now);
        from += now;
        bytes -= now;
    }
}

static inline void shared_ring_close(struct shared_ring *ring) {
    munmap(ring->header, SHARED_RING_HEADER + ring->size);
}

#endif
