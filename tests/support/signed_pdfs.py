"""PDFs signed as PAdES with keys made for the test: an authority, people certified by it, and a time-stamp authority."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, StreamObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter, copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

SIGNED_AT = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)
AT = SIGNED_AT + timedelta(hours=1)
"""When these files are looked at, unless a test says otherwise."""

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey


@dataclass(frozen=True)
class Certified:
    key: Private
    certificate: x509.Certificate
    authority: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def store(self) -> SimpleCertificateStore:
        made = SimpleCertificateStore()
        made.register(_asn1(self.authority))
        return made

    @property
    def asn1(self) -> tuple[Any, Any]:
        der = self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return _asn1(self.certificate), asn1_keys.PrivateKeyInfo.load(der)


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def new_key(kind: str = "ec") -> Private:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "dsa":
        return _dsa_key()
    return ec.generate_private_key(ec.SECP256R1())


def _dsa_key() -> dsa.DSAPrivateKey:
    return dsa.generate_private_key(2048)


@cache
def authority(name: str = "Otoritas Uji") -> Certified:
    key = new_key()
    certificate = _certificate(name, key.public_key(), issuer=name, signed_with=key, ca=True)
    return Certified(key, certificate, certificate)


@cache
def person(name: str, *, by: str = "Otoritas Uji", kind: str = "ec", until: datetime | None = None, stamps: bool = False) -> Certified:
    issuer, key = authority(by), new_key(kind)
    certificate = _certificate(name, key.public_key(), issuer=by, signed_with=issuer.key, until=until, stamps=stamps)
    return Certified(key, certificate, issuer.certificate)


def _certificate(
    name: str, public: Any, *, issuer: str, signed_with: Any, ca: bool = False, until: datetime | None = None, stamps: bool = False
) -> x509.Certificate:
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    usage |= {"digital_signature": not ca, "content_commitment": not ca, "key_cert_sign": ca, "crl_sign": ca}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(SIGNED_AT - timedelta(days=365))
        .not_valid_after(until or SIGNED_AT + timedelta(days=730))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    made: x509.Certificate = builder.sign(signed_with, hashes.SHA256())
    return made


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.COUNTRY_NAME, "ID")])


# ── the files ───────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def plain(text: str = "Laporan") -> bytes:
    """A PDF of one page, unsigned."""
    writer = PdfFileWriter()
    content = writer.add_object(StreamObject(stream_data=f"BT ({text}) Tj ET".encode()))
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 200, 200)))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def signed(pdf: bytes, by: Certified, *, field: str = "Camat", stamped: datetime | None = None, **more: Any) -> bytes:
    """`pdf` with one more signature, as an incremental update. `stamped`: the moment of a time stamp by the authority's own."""
    certificate, key = by.asn1
    signer = SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=by.store)
    meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, **more)
    stamper = None if stamped is None else _stamper(stamped)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    made = PdfSigner(meta, signer, timestamper=stamper, new_field_spec=SigFieldSpec(field)).sign_pdf(writer)
    return bytes(made.getvalue())


def _stamper(moment: datetime) -> DummyTimeStamper:
    by = person("Otoritas Waktu", kind="rsa", stamps=True)  # pyHanko's stamper for tests knows RSA alone
    certificate, key = by.asn1
    return DummyTimeStamper(certificate, key, certs_to_embed=by.store, fixed_dt=moment)


def sealed(pdf: bytes) -> bytes:
    """`pdf` with a time stamp of the whole document, as archives add it."""
    return bytes(PdfTimeStamper(_stamper(SIGNED_AT)).timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256").getvalue())


def updated(pdf: bytes) -> bytes:
    """`pdf` with an incremental update that changes what a reader sees."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT (Lain) Tj ET"))
    writer.update_container(page)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def with_forms(pdf: bytes) -> bytes:
    """`pdf` as if its looks were made by XFA."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): TextStringObject("x")})
    writer.update_root()
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def encrypted(pdf: bytes) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf)))
    writer.encrypt("rahasia", "rahasia")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def roots_file(folder: Path, *names: str) -> Path:
    path = folder / "akar.pem"
    path.write_bytes(b"".join(authority(name).pem for name in names or ("Otoritas Uji",)))
    return path
