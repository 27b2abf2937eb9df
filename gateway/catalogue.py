"""What each reason of an error means and what to do about it: the pages that problem types name."""

from html import escape
from http import HTTPStatus

from rpc.reasons import Reason

_AGAIN = "Try again after the time that Retry-After names."
_FIX = "Correct the request; sent again as it is, it will be refused again."
_FILE = "Check how the file was exported and whether it was copied completely. The same bytes get the same answer."
_OURS = "It is a fault of ours. Report it with the request id, by which the log is found."

_KNOWN: dict[str, tuple[str, str]] = {
    Reason.FIELD_MISSING: ("A required field is absent", _FIX),
    Reason.FIELD_INVALID: ("A field's value is outside its domain", _FIX),
    Reason.STREAM_INVALID: ("The parts of an upload came in an order that is not known", _OURS),
    Reason.DIGEST_MISMATCH: (
        "The bytes are not those that were announced",
        "The SHA-256 in the address is not that of the body. Nothing was kept. Hash the file again and send it again.",
    ),
    Reason.SIZE_MISMATCH: (
        "The size is not the one that was announced",
        "The body was cut short, or its length was told wrongly. Nothing was kept. Send it again.",
    ),
    Reason.PIPELINE_UNKNOWN: ("There is no such analysis", "GET /v1/pipelines lists those there are."),
    Reason.PIPELINE_VERSION_UNKNOWN: (
        "The analysis has no such version",
        "GET /v1/pipelines lists the versions; leave the version out for the active one.",
    ),
    Reason.PARAMETER_UNKNOWN: (
        "The analysis has no such parameter",
        "GET /v1/pipelines lists the parameters. Look for a mistyped name in the violations.",
    ),
    Reason.PARAMETER_INVALID: (
        "A parameter's value is not allowed",
        "The violations name each parameter; GET /v1/pipelines tells the least, the greatest and the possible values.",
    ),
    Reason.REFERENCE_UNKNOWN: ("There is no such reference database", _FIX),
    Reason.REFERENCE_INVALID: (
        "The reference database cannot be built of these files",
        "The message tells the place. Every sequence needs an accession and a lineage, of ranks that are the same for"
        " all; a tree's tips are the accessions.",
    ),
    Reason.REFERENCES_DIFFER: (
        "The samples were made with several reference databases",
        "Analyse the files again with one of them: the parameter reference of POST /v1/analyses.",
    ),
    Reason.REFERENCE_TREE_MISSING: (
        "The reference database has no phylogenetic tree",
        "The operator adds it again with one: assaycache reference add --tree. Or ask for bray_curtis or jaccard.",
    ),
    Reason.METADATA_INVALID: (
        "The metadata cannot be kept",
        "Metadata must be a JSON object of moderate size and depth, of finite numbers and without NUL characters.",
    ),
    Reason.BATCH_TOO_LARGE: ("Too many items at once", "Ask for fewer at a time."),
    Reason.BLOB_TOO_LARGE: (
        "The file is too large",
        "GET /v1/capabilities tells the limit; the operator sets it by MAX_UPLOAD_BYTES.",
    ),
    Reason.PAYLOAD_INVALID: ("A result arrived damaged", _OURS),
    Reason.PAYLOAD_TOO_LARGE: ("A result is too large to be kept", "Ask for less, by other parameters."),
    Reason.PAGE_TOKEN_INVALID: (
        "The page token was not issued for this listing",
        "Begin again without page_token, with the same filters on every page.",
    ),
    Reason.FILE_MISSING: ("The form has no file", "Send the recording in the field named file, once."),
    Reason.BODY_INVALID: (
        "The body cannot be read",
        "It was cut short, paused too long, or is not of the form that the address takes.",
    ),
    Reason.FILE_EMPTY: ("The file has no bytes", _FILE),
    Reason.FILE_FORMAT_UNKNOWN: (
        "The file's format is not known",
        "GET /v1/pipelines lists the formats that are read; C3D recordings are told by their first bytes.",
    ),
    Reason.FILE_NOT_C3D: ("The file is not C3D, whatever its name says", _FILE),
    Reason.FILE_CORRUPT: ("The file contradicts itself", _FILE),
    Reason.FILE_TRUNCATED: ("The file ends too early", _FILE),
    Reason.FILE_NO_ANALOG: ("The recording has no analog channels", "Export it again with its analog channels."),
    Reason.FILE_NO_EMG: (
        "No channel was recognised as EMG",
        "Name the channels in the parameters, if they are EMG under labels that tell nothing.",
    ),
    Reason.FILE_TOO_SHORT: ("The recording is too short to be analysed", "Record for longer."),
    Reason.FILE_VALUES_INVALID: ("The file holds values that no recording can have", _FILE),
    Reason.FILE_LIMIT_EXCEEDED: ("The file declares more than is read", _FILE),
    Reason.FILE_NOT_SEQUENCES: ("The file is not FASTA or FASTQ, whatever its name says", _FILE),
    Reason.FILE_ALPHABET_INVALID: (
        "The sequences hold letters that nucleotides do not have",
        "The message tells the place. Proteins cannot be assigned; export the nucleotides.",
    ),
    Reason.FILE_NO_SEQUENCES: (
        "No sequence is left to be assigned",
        "The file has none, or all are too short or of too low quality for the parameters.",
    ),
    Reason.JOB_UNKNOWN: (
        "There is no such job",
        "A job id is a UUID that an answer of this service named; GET /v1/jobs lists the jobs.",
    ),
    Reason.BLOB_MISSING: ("The file is not here", "Upload it by PUT /v1/blobs/{sha256}, and ask again."),
    Reason.RESULT_MISSING: (
        "The job has no result now",
        "It is not computed yet, failed, or was forgotten: GET /v1/jobs/{job_id} says which. Ask again to compute it.",
    ),
    Reason.SOURCE_MISSING: (
        "There is no file where it was to be fetched from",
        "It was moved or removed before its turn came. Put it back, or queue the file under its present address.",
    ),
    Reason.LEASE_LOST: ("The computation was given to somebody else", "Ask again."),
    Reason.LEASE_VOIDED: ("What was being computed was invalidated or erased", "Ask again, if it is still wanted."),
    Reason.TOKEN_INVALID: ("A token was not issued by this service", _OURS),
    Reason.REASON_NOT_REMEMBERED: ("A failure cannot be remembered", _OURS),
    Reason.REFERENCE_EXISTS: (
        "There is a reference database of that name already",
        "Choose another name, or say that it takes the other one's place.",
    ),
    Reason.REFERENCE_DAMAGED: (
        "A reference database is damaged on its disk",
        "The operator removes it and adds it again: assaycache reference remove, then add.",
    ),
    Reason.OVERLOADED: ("Too many calls are running", _AGAIN),
    Reason.QUOTA_EXCEEDED: ("The quota is used up", "Wait until it is renewed, or ask the operator for more."),
    Reason.RATE_LIMITED: ("Asked too often", f"{_AGAIN} The operator sets the limit by RATE_LIMIT."),
    Reason.MEMORY_LIMIT: ("The analysis needed more memory than it may have", "Analyse a shorter recording."),
    Reason.TIME_LIMIT: ("The analysis took longer than it may", "Analyse a shorter recording, or ask the operator."),
    Reason.DEADLINE_EXCEEDED: (
        "There was no answer in time",
        "Ask again, best with Prefer: respond-async; what was computed meanwhile is kept.",
    ),
    Reason.BLOB_STORE_UNAVAILABLE: ("The store of files does not answer", f"Nothing was kept. {_AGAIN}"),
    Reason.DATABASE_UNAVAILABLE: ("The database does not answer", _AGAIN),
    Reason.CACHE_UNAVAILABLE: ("The cache service does not answer", _AGAIN),
    Reason.ANALYSIS_UNAVAILABLE: ("The analysis service does not answer", _AGAIN),
    Reason.SHUTTING_DOWN: ("The service is shutting down", _AGAIN),
    Reason.WORKER_LOST: ("The process that computed was lost", _AGAIN),
    Reason.ERASURE_PENDING: (
        "An erasure waits for a part that is away",
        "It is journalled and will be finished; nothing need be done.",
    ),
    Reason.INTERNAL: ("A fault of ours", _OURS),
    Reason.CANCELLED: ("The analysis was stopped", "Ask again, if it is still wanted."),
    Reason.SOURCE_UNAVAILABLE: (
        "The storage that the file lies in does not answer",
        "Nothing need be done: the task is tried again, after a pause that grows.",
    ),
    Reason.UNAUTHENTICATED: ("No token, or one that is not known", "Send Authorization: Bearer with your token."),
    Reason.PERMISSION_DENIED: (
        "This caller may not do that",
        "The token's role does not allow it; or the Host is not one that is answered to (ALLOWED_HOSTS), or the Origin"
        " not one whose pages may ask (CORS_ORIGINS).",
    ),
    Reason.NAMESPACE_FORBIDDEN: ("The token does not open this namespace", "Use a token of that namespace."),
    Reason.SOURCE_FORBIDDEN: (
        "The file may not be fetched from there",
        "The operator names the storage that may be fetched from by SOURCE_URLS, and gives the analysis service leave"
        " to read it.",
    ),
    Reason.SIGNATURE_INVALID: (
        "The webhook is not signed, or not rightly",
        "Compare secret, clock and the three headers of Standard Webhooks; the body must be signed as it is sent.",
    ),
    Reason.NOT_BUILT: ("Not in this version", "A later version may have it."),
    "NOT_FOUND": ("There is no such address", "GET /docs shows the addresses there are."),
    "METHOD_NOT_ALLOWED": ("The address knows other methods", "Allow names them."),
}


def title_of(reason: str) -> str:
    """Return what a reason means, in a few words; HTTP's own names title themselves."""
    known = _KNOWN.get(reason)
    if known is not None:
        return known[0]
    return HTTPStatus[reason].phrase if reason in HTTPStatus.__members__ else reason


def knows(reason: str) -> bool:
    """Tell whether there is a page for a reason."""
    return reason in _KNOWN


def page_of(reason: str) -> str:
    """Return the page of a reason that is known."""
    title, remedy = _KNOWN[reason]
    return _page(reason, f"<h1>{escape(reason)}</h1><p><strong>{escape(title)}.</strong></p><p>{escape(remedy)}</p>")


def list_page() -> str:
    """Return the page that names all reasons."""
    rows = "".join(
        f'<dt><a href="/problems/{escape(reason)}">{escape(reason)}</a></dt><dd>{escape(title)}</dd>'
        for reason, (title, _) in _KNOWN.items()
    )
    return _page("Problems", f"<h1>Problems</h1><dl>{rows}</dl>")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} - Assaycache</title>"
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}</style>"
        f"<main>{body}</main></html>"
    )
