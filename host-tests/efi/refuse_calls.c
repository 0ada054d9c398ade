/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader again and again on a firmware that refuses one of its calls. The
 * first line of \how.txt is the loader's command line; a trial is a further one, "CALL FIRST LAST": of the uses of that
 * call in this trial those from FIRST to LAST are refused (LAST 0: all from there on); a call that there is not is
 * none. What comes before a trial, when something is refused, and what the trial came to is said on the console. Under
 * takeover the first trial that comes so far is the last.
 *
 * The loader has tables, files and cores of the application's own around the firmware's: its own drivers are refused
 * nothing. Files of an earlier run lie beside it in each trial.
 */
#include "boot/freestanding.h"
#include "boot/mp_services.h"
#include "host-tests/efi/chain.h"
#include "host-tests/efi/own_tables.h"

#include <stdbool.h>

#define TRIALS_BYTES_MAX 32768
#define FILES_MAX        16
#define NAME_CHARS       64
#define WORDS_MAX        512
#define OWED_MAX         64

/* What the loader asks for, and what it is answered. */
#define CALLS(X)                                   \
	X(AllocatePages, EFI_OUT_OF_RESOURCES)     \
	X(FreePages, EFI_NOT_FOUND)                \
	X(GetMemoryMap, EFI_INVALID_PARAMETER)     \
	X(ExitBootServices, EFI_INVALID_PARAMETER) \
	X(SetWatchdogTimer, EFI_DEVICE_ERROR)      \
	X(HandleProtocol, EFI_UNSUPPORTED)         \
	X(LocateProtocol, EFI_NOT_FOUND)           \
	X(CreateEvent, EFI_OUT_OF_RESOURCES)       \
	X(CheckEvent, EFI_NOT_READY)               \
	X(CloseEvent, EFI_INVALID_PARAMETER)       \
	X(Stall, EFI_DEVICE_ERROR)                 \
	X(GetTime, EFI_DEVICE_ERROR)               \
	X(ResetSystem, EFI_DEVICE_ERROR)           \
	X(OutputString, EFI_DEVICE_ERROR)          \
	X(Reset, EFI_DEVICE_ERROR)                 \
	X(ReadKeyStroke, EFI_NOT_READY)            \
	X(OpenVolume, EFI_DEVICE_ERROR)            \
	X(Open, EFI_DEVICE_ERROR)                  \
	X(Close, EFI_DEVICE_ERROR)                 \
	X(Delete, EFI_WARN_DELETE_FAILURE)         \
	X(Read, EFI_DEVICE_ERROR)                  \
	X(Write, EFI_VOLUME_FULL)                  \
	X(GetPosition, EFI_DEVICE_ERROR)           \
	X(SetPosition, EFI_DEVICE_ERROR)           \
	X(GetInfo, EFI_DEVICE_ERROR)               \
	X(SetInfo, EFI_WRITE_PROTECTED)            \
	X(Flush, EFI_DEVICE_ERROR)                 \
	X(GetNumberOfProcessors, EFI_DEVICE_ERROR) \
	X(GetProcessorInfo, EFI_DEVICE_ERROR)      \
	X(StartupThisAP, EFI_NOT_READY)

#define CALL_ENUMERATE(name, status) CALL_##name,
#define CALL_DESCRIBE(name, status)  {#name, status},

enum call { CALLS(CALL_ENUMERATE) CALL_NONE };

static const struct {
	const char *name;
	EFI_STATUS status;
} calls[] = {CALLS(CALL_DESCRIBE)};

struct file {
	EFI_FILE face; /* first: the loader's handle */
	EFI_FILE_HANDLE real;
};

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static EFI_SYSTEM_TABLE *firmware;
static struct own_tables own;
static SIMPLE_TEXT_OUTPUT_INTERFACE own_out;
static SIMPLE_INPUT_INTERFACE own_in;
static EFI_FILE_IO_INTERFACE own_volume, *real_volume;
static struct mp_services own_cores, *real_cores;
static struct file files[FILES_MAX];
static CHAR16 words[WORDS_MAX];

static struct {
	enum call call;
	UINTN first, last;
	UINTN uses[CALL_NONE];
	UINTN refused;
	int64_t pages; /* taken and not given back */
	struct {
		EFI_PHYSICAL_ADDRESS memory;
		UINTN pages;
	} owed[OWED_MAX]; /* refused to FreePages: the next trial is to find them */
	UINTN owed_count;
} trial;

/* An error: this use of the call is refused with it. */
static EFI_STATUS asked(enum call call) {
	UINTN use = ++trial.uses[call];
	if (call != trial.call || use < trial.first || (trial.last && use > trial.last))
		return EFI_SUCCESS;
	if (trial.refused++ == 0)
		chain_say_ascii(firmware, "refuse_calls: refused\r\n");
	return calls[call].status;
}

/* ---- boot and runtime services ---- */

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
					EFI_PHYSICAL_ADDRESS *memory) {
	EFI_STATUS status = asked(CALL_AllocatePages);
	if (status == EFI_SUCCESS)
		status = firmware->BootServices->AllocatePages(how, type, pages, memory);
	if (status == EFI_SUCCESS)
		trial.pages += (int64_t)pages;
	return status;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS memory, UINTN pages) {
	EFI_STATUS status = asked(CALL_FreePages);
	if (status != EFI_SUCCESS && trial.owed_count < OWED_MAX) {
		trial.owed[trial.owed_count].memory = memory;
		trial.owed[trial.owed_count++].pages = pages;
	}
	if (status == EFI_SUCCESS)
		status = firmware->BootServices->FreePages(memory, pages);
	if (status == EFI_SUCCESS)
		trial.pages -= (int64_t)pages;
	return status;
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *descriptor_bytes,
					UINT32 *version) {
	EFI_STATUS status = asked(CALL_GetMemoryMap);
	return status ? status : firmware->BootServices->GetMemoryMap(bytes, map, key, descriptor_bytes, version);
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key) {
	EFI_STATUS status = asked(CALL_ExitBootServices);
	return status ? status : firmware->BootServices->ExitBootServices(image, key);
}

static EFI_STATUS EFIAPI set_watchdog_timer(UINTN seconds, UINT64 code, UINTN bytes, CHAR16 *data) {
	EFI_STATUS status = asked(CALL_SetWatchdogTimer);
	return status ? status : firmware->BootServices->SetWatchdogTimer(seconds, code, bytes, data);
}

static EFI_STATUS EFIAPI create_event(UINT32 type, EFI_TPL level, EFI_EVENT_NOTIFY notify, VOID *context,
				      EFI_EVENT *event) {
	EFI_STATUS status = asked(CALL_CreateEvent);
	return status ? status : firmware->BootServices->CreateEvent(type, level, notify, context, event);
}

static EFI_STATUS EFIAPI check_event(EFI_EVENT event) {
	EFI_STATUS status = asked(CALL_CheckEvent);
	return status ? status : firmware->BootServices->CheckEvent(event);
}

static EFI_STATUS EFIAPI close_event(EFI_EVENT event) {
	EFI_STATUS status = asked(CALL_CloseEvent);
	return status ? status : firmware->BootServices->CloseEvent(event);
}

static EFI_STATUS EFIAPI stall(UINTN microseconds) {
	EFI_STATUS status = asked(CALL_Stall);
	return status ? status : firmware->BootServices->Stall(microseconds);
}

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities) {
	EFI_STATUS status = asked(CALL_GetTime);
	return status ? status : firmware->RuntimeServices->GetTime(time, capabilities);
}

static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS reason, UINTN bytes, CHAR16 *data) {
	EFI_STATUS status = asked(CALL_ResetSystem);
	return status ? status : firmware->RuntimeServices->ResetSystem(type, reason, bytes, data);
}

/* ---- the console: whoever is asked for a key has pressed one ---- */

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *text) {
	(void)out;
	EFI_STATUS status = asked(CALL_OutputString);
	return status ? status : firmware->ConOut->OutputString(firmware->ConOut, text);
}

/* The firmware is not asked: it waits half a minute for a keyboard that there is not. */
static EFI_STATUS EFIAPI input_reset(SIMPLE_INPUT_INTERFACE *in, BOOLEAN extended) {
	(void)in, (void)extended;
	return asked(CALL_Reset);
}

static EFI_STATUS EFIAPI read_key_stroke(SIMPLE_INPUT_INTERFACE *in, EFI_INPUT_KEY *key) {
	(void)in;
	*key = (EFI_INPUT_KEY){.UnicodeChar = ' '};
	return asked(CALL_ReadKeyStroke);
}

/* ---- files ---- */

static EFI_FILE_HANDLE real_of(EFI_FILE *face) {
	return ((struct file *)face)->real;
}

static EFI_STATUS file_wrap(EFI_FILE_HANDLE real, EFI_FILE_HANDLE *face);

static EFI_STATUS EFIAPI file_open(EFI_FILE *folder, EFI_FILE **file, CHAR16 *name, UINT64 mode, UINT64 attributes) {
	EFI_FILE_HANDLE real;
	EFI_STATUS status = asked(CALL_Open);
	if (status == EFI_SUCCESS)
		status = real_of(folder)->Open(real_of(folder), &real, name, mode, attributes);
	return status ? status : file_wrap(real, file);
}

/* Refused or not, the handle is gone: UEFI 2.10, 13.5. */
static EFI_STATUS EFIAPI file_close(EFI_FILE *face) {
	struct file *file = (struct file *)face;
	EFI_STATUS status = file->real->Close(file->real);
	file->real = NULL;
	EFI_STATUS refusal = asked(CALL_Close);
	return refusal ? refusal : status;
}

static EFI_STATUS EFIAPI file_delete(EFI_FILE *face) {
	struct file *file = (struct file *)face;
	EFI_STATUS refusal = asked(CALL_Delete);
	EFI_STATUS status = refusal ? file->real->Close(file->real) : file->real->Delete(file->real);
	file->real = NULL;
	return refusal ? refusal : status;
}

static EFI_STATUS EFIAPI file_read(EFI_FILE *face, UINTN *bytes, VOID *buffer) {
	EFI_STATUS status = asked(CALL_Read);
	return status ? status : real_of(face)->Read(real_of(face), bytes, buffer);
}

static EFI_STATUS EFIAPI file_write(EFI_FILE *face, UINTN *bytes, VOID *buffer) {
	EFI_STATUS status = asked(CALL_Write);
	return status ? status : real_of(face)->Write(real_of(face), bytes, buffer);
}

static EFI_STATUS EFIAPI file_get_position(EFI_FILE *face, UINT64 *position) {
	EFI_STATUS status = asked(CALL_GetPosition);
	return status ? status : real_of(face)->GetPosition(real_of(face), position);
}

static EFI_STATUS EFIAPI file_set_position(EFI_FILE *face, UINT64 position) {
	EFI_STATUS status = asked(CALL_SetPosition);
	return status ? status : real_of(face)->SetPosition(real_of(face), position);
}

static EFI_STATUS EFIAPI file_get_info(EFI_FILE *face, EFI_GUID *kind, UINTN *bytes, VOID *buffer) {
	EFI_STATUS status = asked(CALL_GetInfo);
	return status ? status : real_of(face)->GetInfo(real_of(face), kind, bytes, buffer);
}

static EFI_STATUS EFIAPI file_set_info(EFI_FILE *face, EFI_GUID *kind, UINTN bytes, VOID *buffer) {
	EFI_STATUS status = asked(CALL_SetInfo);
	return status ? status : real_of(face)->SetInfo(real_of(face), kind, bytes, buffer);
}

static EFI_STATUS EFIAPI file_flush(EFI_FILE *face) {
	EFI_STATUS status = asked(CALL_Flush);
	return status ? status : real_of(face)->Flush(real_of(face));
}

static EFI_STATUS file_wrap(EFI_FILE_HANDLE real, EFI_FILE_HANDLE *face) {
	struct file *file = files;
	while (file < files + FILES_MAX && file->real)
		file++;
	if (file == files + FILES_MAX) {
		real->Close(real);
		return EFI_OUT_OF_RESOURCES;
	}
	*file = (struct file){
		.face = {.Revision = EFI_FILE_HANDLE_REVISION,
			 file_open,
			 file_close,
			 file_delete,
			 file_read,
			 file_write,
			 file_get_position,
			 file_set_position,
			 file_get_info,
			 file_set_info,
			 file_flush},
		.real = real,
	};
	*face = &file->face;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *volume, EFI_FILE **root) {
	(void)volume;
	EFI_FILE_HANDLE real;
	EFI_STATUS status = asked(CALL_OpenVolume);
	if (status == EFI_SUCCESS)
		status = real_volume->OpenVolume(real_volume, &real);
	return status ? status : file_wrap(real, root);
}

/* ---- cores ---- */

static EFI_STATUS EFIAPI get_number_of_processors(struct mp_services *services, UINTN *number, UINTN *enabled) {
	(void)services;
	EFI_STATUS status = asked(CALL_GetNumberOfProcessors);
	return status ? status : real_cores->GetNumberOfProcessors(real_cores, number, enabled);
}

static EFI_STATUS EFIAPI get_processor_info(struct mp_services *services, UINTN number,
					    struct processor_information *information) {
	(void)services;
	EFI_STATUS status = asked(CALL_GetProcessorInfo);
	return status ? status : real_cores->GetProcessorInfo(real_cores, number, information);
}

static EFI_STATUS EFIAPI startup_this_ap(struct mp_services *services, ap_procedure procedure, UINTN number,
					 EFI_EVENT back, UINTN limit_us, VOID *argument, BOOLEAN *finished) {
	(void)services;
	EFI_STATUS status = asked(CALL_StartupThisAP);
	return status ? status
		      : real_cores->StartupThisAP(real_cores, procedure, number, back, limit_us, argument, finished);
}

/* ---- what leads to them ---- */

static bool is(const EFI_GUID *guid, EFI_GUID other) {
	return memcmp(guid, &other, sizeof(other)) == 0;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **found) {
	EFI_STATUS status = asked(CALL_HandleProtocol);
	if (status == EFI_SUCCESS)
		status = firmware->BootServices->HandleProtocol(handle, guid, found);
	if (status == EFI_SUCCESS && is(guid, (EFI_GUID)EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID)) {
		real_volume = *found;
		own_volume = (EFI_FILE_IO_INTERFACE){real_volume->Revision, open_volume};
		*found = &own_volume;
	}
	return status;
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **found) {
	EFI_STATUS status = asked(CALL_LocateProtocol);
	if (status == EFI_SUCCESS)
		status = firmware->BootServices->LocateProtocol(guid, registration, found);
	if (status == EFI_SUCCESS && is(guid, (EFI_GUID)MP_SERVICES_GUID)) {
		real_cores = *found;
		own_cores = *real_cores;
		own_cores.GetNumberOfProcessors = get_number_of_processors;
		own_cores.GetProcessorInfo = get_processor_info;
		own_cores.StartupThisAP = startup_this_ap;
		*found = &own_cores;
	}
	return status;
}

static void wrap_services(void) {
	EFI_BOOT_SERVICES *services = &own.services;
	services->AllocatePages = allocate_pages;
	services->FreePages = free_pages;
	services->GetMemoryMap = get_memory_map;
	services->ExitBootServices = exit_boot_services;
	services->SetWatchdogTimer = set_watchdog_timer;
	services->HandleProtocol = handle_protocol;
	services->LocateProtocol = locate_protocol;
	services->CreateEvent = create_event;
	services->CheckEvent = check_event;
	services->CloseEvent = close_event;
	services->Stall = stall;
	own.runtime.GetTime = get_time;
	own.runtime.ResetSystem = reset_system;
	own_out = *firmware->ConOut;
	own_out.OutputString = output_string;
	own.system.ConOut = &own_out;
	own_in = *firmware->ConIn;
	own_in.Reset = input_reset;
	own_in.ReadKeyStroke = read_key_stroke;
	own.system.ConIn = &own_in;
}

/* ---- what lies beside the loader ---- */

static bool begins(const CHAR16 *name, const char *with) {
	for (; *with; name++, with++)
		if (*name != (CHAR16)*with)
			return false;
	return true;
}

/* The name of one file of earlier trials; false: there is none left. */
static bool leftover(EFI_FILE_HANDLE root, CHAR16 name[NAME_CHARS]) {
	union {
		EFI_FILE_INFO info;
		UINT8 room[sizeof(EFI_FILE_INFO) + 256 * sizeof(CHAR16)];
	} entry;
	root->SetPosition(root, 0);
	for (;;) {
		UINTN bytes = sizeof(entry);
		if (EFI_ERROR(root->Read(root, &bytes, &entry)) || bytes == 0)
			return false;
		const CHAR16 *found = entry.info.FileName;
		if (!begins(found, "results") && !begins(found, "anechoic.log"))
			continue;
		for (UINTN i = 0; i < NAME_CHARS; i++)
			name[i] = i + 1 < NAME_CHARS ? found[i] : 0;
		return true;
	}
}

static void put(EFI_FILE_HANDLE root, CHAR16 *name, char *text, UINTN bytes) {
	EFI_FILE_HANDLE file;
	if (EFI_ERROR(
		    root->Open(root, &file, name, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0)))
		return;
	file->Write(file, &bytes, text);
	file->Close(file);
}

static void lay_out(EFI_HANDLE image) {
	EFI_FILE_HANDLE root = chain_root(image, firmware), file;
	CHAR16 name[NAME_CHARS];
	static char log[] = "not a record", results[] = "{}";
	if (!root)
		return;
	while (leftover(root, name)) {
		if (EFI_ERROR(root->Open(root, &file, name, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0)))
			break;
		if (file->Delete(file) != EFI_SUCCESS)
			break;
	}
	put(root, (CHAR16 *)L"anechoic.log", log, sizeof(log) - 1);
	put(root, (CHAR16 *)L"results.json", results, sizeof(results) - 1);
	root->Close(root);
}

/* ---- trials ---- */

static void say_count(const char *what, UINTN count) {
	chain_say_ascii(firmware, what);
	chain_say_number(firmware, count);
}

static void say_end(EFI_STATUS status) {
	say_count("refuse_calls: end, refusals ", trial.refused);
	say_count(", status ", status & ~EFI_ERROR_MASK);
	say_count(", pages kept ", (UINTN)trial.pages);
	chain_say_ascii(firmware, ", uses");
	for (UINTN i = 0; i < CALL_NONE; i++) {
		if (!trial.uses[i])
			continue;
		chain_say_ascii(firmware, " ");
		chain_say_ascii(firmware, calls[i].name);
		say_count(" ", trial.uses[i]);
	}
	chain_say_ascii(firmware, "\r\n");
}

/* Its command line has what anechoic.conf has: whichever of the two is refused, the run is that which was asked for. */
static EFI_STATUS give_words(EFI_HANDLE loader) {
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *self;
	EFI_STATUS status = firmware->BootServices->HandleProtocol(loader, &guid, (void **)&self);
	if (EFI_ERROR(status))
		return status;
	self->LoadOptions = words;
	self->LoadOptionsSize = (UINT32)sizeof(words);
	return own_tables_give(firmware, loader, &own);
}

static void run(EFI_HANDLE image) {
	EFI_HANDLE loader;
	memset(files, 0, sizeof(files));
	lay_out(image);
	EFI_STATUS status = chain_load(image, firmware, &loader);
	if (!EFI_ERROR(status))
		status = give_words(loader);
	if (EFI_ERROR(status))
		return;
	wrap_services();
	status = firmware->BootServices->StartImage(loader, NULL, NULL);
	for (UINTN i = 0; i < trial.owed_count; i++)
		if (!EFI_ERROR(firmware->BootServices->FreePages(trial.owed[i].memory, trial.owed[i].pages)))
			trial.pages -= (int64_t)trial.owed[i].pages;
	say_end(status);
}

/* A word of the text up to a blank or a line's end; *at behind it. */
static UINTN word(const char **at, const char *end, const char **begin) {
	while (*at < end && **at == ' ')
		++*at;
	*begin = *at;
	while (*at<end &&* * at> ' ')
		++*at;
	return (UINTN)(*at - *begin);
}

static UINTN number(const char **at, const char *end) {
	const char *digits;
	UINTN value = 0;
	for (UINTN left = word(at, end, &digits); left; left--)
		value = value * 10 + (UINTN)(*digits++ - '0');
	return value;
}

static bool same(const char *text, const char *begin, UINTN length) {
	for (; length && *text == *begin; text++, begin++)
		length--;
	return length == 0 && *text == 0;
}

static enum call call_named(const char *name, UINTN length) {
	enum call call = 0;
	while (call < CALL_NONE && !same(calls[call].name, name, length))
		call++;
	return call;
}

static void run_line(EFI_HANDLE image, const char *line, const char *end) {
	const char *name, *at = line;
	UINTN length = word(&at, end, &name);
	memset(&trial, 0, sizeof(trial));
	trial.call = call_named(name, length);
	trial.first = number(&at, end);
	trial.last = number(&at, end);
	say_count("refuse_calls: begin ", trial.first);
	say_count(" to ", trial.last);
	chain_say_ascii(firmware, " of ");
	chain_say_ascii(firmware, trial.call == CALL_NONE ? "none" : calls[trial.call].name);
	chain_say_ascii(firmware, "\r\n");
	run(image);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	static char text[TRIALS_BYTES_MAX];
	firmware = system;
	const char *end = text + chain_read(image, system, L"\\how.txt", text, sizeof(text));
	const char *line = text;
	for (UINTN i = 0; line < end && *line != '\n'; line++, i++)
		words[i < WORDS_MAX ? i : WORDS_MAX - 1] = (CHAR16)*line;
	words[WORDS_MAX - 1] = 0;
	for (const char *at = ++line; at < end; at++) {
		if (*at != '\n')
			continue;
		run_line(image, line, at);
		line = at + 1;
	}
	system->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	return EFI_SUCCESS;
}
