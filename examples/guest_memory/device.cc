/* SPDX-License-Identifier: Apache-2.0
 *
 * The headers from C++, and a pool for small objects. No exceptions, no run-time types, no C++ library.
 */
#include "device.h"

namespace {

constexpr unsigned most = 32;
constexpr size_t sector_bytes = 512;

struct request {
	request *next;
	uint64_t address;
	unsigned char value;
};

class queue {
public:
	~queue() {
		pool_end(&pool_);
	}

	bool start() {
		return pool_init(&pool_, memory_, sizeof memory_, sizeof(request), alignof(request), most) == 0;
	}

	bool add(uint64_t address, unsigned char value) {
		auto *made = static_cast<request *>(pool_alloc(&pool_));
		if (made == nullptr)
			return false;
		*made = request{last_, address, value};
		last_ = made;
		return true;
	}

	/* false: there is none left. */
	bool take(request *taken) {
		request *served = last_;
		if (served == nullptr)
			return false;
		*taken = *served;
		last_ = served->next;
		pool_free(&pool_, served);
		return true;
	}

private:
	pool pool_ = {};
	request *last_ = nullptr;
	alignas(alignof(void *)) unsigned char memory_[POOL_BYTES(sizeof(request), alignof(request), most)];
};

} // namespace

int device_serve(guest *guest, uint64_t address, unsigned count) {
	queue requests;
	unsigned char sector[sector_bytes];
	if (!requests.start())
		return GUEST_NO_MEMORY;
	for (unsigned i = 0; i < count; i++)
		if (!requests.add(address + i * sector_bytes, static_cast<unsigned char>(i + 1)))
			return GUEST_NO_MEMORY;
	for (request served; requests.take(&served);) {
		guest->kernels.fills.fill(sector, served.value, sizeof sector);
		int code = guest_write(guest, served.address, sector, sizeof sector);
		if (code != GUEST_OK)
			return code;
	}
	return GUEST_OK;
}
