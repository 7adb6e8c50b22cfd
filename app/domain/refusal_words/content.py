"""Why bytes are not taken as a document."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "type_not_accepted": Wording(
        "input",
        "Berkas ini {found}, sedangkan slot ini menerima {accepted}. Simpan sebagai salah satunya, lalu kirim lagi.",
        "This file is {found}; this slot takes {accepted}. Save it as one of those and send it again.",
    ),
    "type_unknown": Wording(
        "input",
        "Isi berkas ini tidak dikenali. Kirim {accepted}; teks hanya sebagai CSV yang namanya berakhir .csv.",
        "The content of this file is of no known kind. Send {accepted}; text only as a CSV whose name ends in .csv.",
    ),
    "type_unknown:seems": Wording(
        "input",
        "Berkas ini tampaknya {seems}, apa pun namanya. Kirim {accepted}.",
        "This file seems to be {seems}, whatever its name says. Send {accepted}.",
    ),
    "type_unknown:archive": Wording(
        "input",
        "Berkas ini arsip ZIP, bukan dokumen Word atau Excel. Kirim isinya satu per satu, atau simpan sebagai .docx, .xlsx atau PDF.",
        "This file is a ZIP archive, no Word or Excel document. Send what is in it one by one, or save it as .docx, .xlsx or PDF.",
    ),
    "type_unknown:empty": Wording(
        "input",
        "Berkas ini kosong (0 byte). Periksa berkas aslinya, lalu kirim lagi.",
        "This file is empty (0 bytes). Check the original and send it again.",
    ),
    "type_unknown:late_pdf": Wording(
        "input",
        "PDF ini didahului byte lain, misalnya dari pencetak atau pemindai. Buka, simpan atau cetak sebagai PDF baru, lalu kirim itu.",
        "Other bytes stand before this PDF, from a printer or scanner for instance. Open it, save or print it as a new PDF, and send that.",
    ),
    "type_unknown:open_document": Wording(
        "input",
        "Ini dokumen LibreOffice (.odt, .ods). Buka, lalu simpan sebagai .docx, .xlsx atau PDF.",
        "This is a LibreOffice document (.odt, .ods). Open it and save it as .docx, .xlsx or PDF.",
    ),
    "type_unknown:old_office": Wording(
        "input",
        "Berkas ini dokumen Office lama (.doc, .xls, .msg) atau berkata sandi. Lepaskan kata sandinya dan simpan sebagai .docx, .xlsx atau PDF.",
        "This is an old Office file (.doc, .xls, .msg) or has a password. Remove the password and save it as .docx, .xlsx or PDF.",
    ),
    "macros": Wording(
        "input",
        "Dokumen ini memuat makro atau kontrol ActiveX. Simpan sebagai .docx atau .xlsx tanpa makro, lalu kirim lagi.",
        "This document carries macros or ActiveX controls. Save it as .docx or .xlsx without macros and send it again.",
    ),
    "office_template": Wording(
        "input",
        "Ini templat (.dotx, .xltx). Buka, lalu simpan sebagai dokumen .docx atau .xlsx.",
        "This is a template (.dotx, .xltx). Open it and save it as a document, .docx or .xlsx.",
    ),
    "embedded_object": Wording(
        "input",
        "Di dalam dokumen ini tertanam berkas lain ({part}). Hapus objek itu atau jadikan gambar, lalu simpan dan kirim lagi.",
        "Another file is embedded in this document ({part}). Remove that object or make it a picture, then save and send again.",
    ),
    "external_content": Wording(
        "input",
        "Dokumen ini mengambil templat atau objek dari tempat lain saat dibuka. Putuskan tautannya (Edit Links, Templates), atau simpan sebagai PDF.",
        "This document fetches a template or an object from elsewhere when opened. Break its links (Edit Links, Templates), or save it as PDF.",
    ),
    "external_content:picture": Wording(
        "input",
        "Dokumen ini mengambil gambar dari komputer lain di jaringan saat dibuka. Sisipkan gambarnya ke dalam dokumen, atau simpan sebagai PDF.",
        "This document fetches a picture from another computer of the network when opened. Embed the picture, or save it as PDF.",
    ),
    "external_content:dde": Wording(
        "input",
        "Dokumen ini memuat bidang, tautan, atau rumus DDE yang menjalankan program lain. Hapus (atau tempel nilainya), atau simpan sebagai PDF.",
        "This document holds a DDE field, link or formula, which starts another program. Remove it (or paste as values), or save it as PDF.",
    ),
    "archive_damaged": Wording(
        "input",
        "Berkas Office ini rusak atau disusun tidak wajar. Buka di Word, Excel atau LibreOffice, simpan sebagai berkas baru, lalu kirim itu.",
        "This Office file is damaged or oddly put together. Open it in Word, Excel or LibreOffice, save it as a new file, and send that.",
    ),
    "archive_too_large": Wording(
        "input",
        "Isi berkas Office ini terlalu besar bila dibuka. Bagi menjadi beberapa berkas, perkecil gambarnya, atau simpan sebagai PDF.",
        "What is in this Office file is too large once unpacked. Split it, make its pictures smaller, or save it as PDF.",
    ),
    "archive_encrypted": Wording(
        "input",
        "Berkas ini terkunci kata sandi. Simpan tanpa kata sandi, lalu kirim lagi.",
        "This file is locked with a password. Save it without one and send it again.",
    ),
    "also_an_archive": Wording(
        "input",
        "Di ujung berkas ini tersembunyi arsip ZIP. Cetak atau simpan ulang dokumennya sebagai berkas baru, lalu kirim itu.",
        "A ZIP archive hides at the end of this file. Print or save the document as a new file and send that.",
    ),
    "also_an_archive:pdf": Wording(
        "input",
        "Di awal berkas ini tersembunyi PDF. Simpan ulang gambar atau tabelnya sebagai berkas baru, atau kirim PDF-nya saja.",
        "A PDF hides at the beginning of this file. Save the picture or table as a new file, or send the PDF alone.",
    ),
    "image_damaged": Wording(
        "input",
        "Gambar ini rusak atau tidak lengkap. Pindai atau simpan ulang, lalu kirim lagi.",
        "This picture is damaged or incomplete. Scan or save it again and send it.",
    ),
    "image_too_large": Wording(
        "input",
        "Gambar ini {width} × {height} piksel; paling besar {megapixels} megapiksel dan {side} per sisi. Perkecil, atau kirim sebagai PDF.",
        "This picture is {width} × {height} pixels; at most {megapixels} megapixels and {side} a side. Make it smaller, or send a PDF.",
    ),
    "csv_encoding": Wording(
        "input",
        "Bukan teks UTF-8: simpan dari Excel sebagai “CSV UTF-8”.",
        "Not UTF-8 text: save it from Excel as “CSV UTF-8”.",
    ),
    "csv_not_text": Wording(
        "input",
        "Baris {line} bukan isi CSV (tanda kendali, atau awal halaman web, skrip, RTF). Simpan tabelnya dari Excel sebagai “CSV UTF-8”.",
        "Line {line} is no content of a CSV (control characters, or the start of a web page, script, RTF). Save the table from Excel as “CSV UTF-8”.",
    ),
    "csv_too_large": Wording(
        "input",
        "CSV paling besar {most} MiB. Bagi menjadi beberapa berkas, atau simpan sebagai .xlsx.",
        "A CSV has at most {most} MiB. Split it into several files, or save it as .xlsx.",
    ),
    "csv_too_large:lines": Wording(
        "input",
        "CSV paling banyak {most} baris, sebanyak yang ditampilkan Excel. Bagi menjadi beberapa berkas.",
        "A CSV has at most {most} lines, as many as Excel shows. Split it into several files.",
    ),
    "csv_invalid": Wording(
        "input",
        "Baris {line} bukan CSV: periksa tanda kutip dan pemisahnya, atau simpan ulang dari Excel sebagai “CSV UTF-8”.",
        "Line {line} is no CSV: check its quotes and separators, or save it anew from Excel as “CSV UTF-8”.",
    ),
    "csv_formula": Wording(
        "input",
        "Baris {line} memuat rumus yang memanggil fungsi atau program. Simpan nilainya saja (tempel sebagai nilai), atau kirim sebagai .xlsx.",
        "Line {line} holds a formula that calls a function or program. Save the values only (paste as values), or send it as .xlsx.",
    ),
    "infected": Wording(
        "input",
        "Berkas ini memuat malware ({threat}) dan tidak disimpan. Periksa perangkat asalnya, lalu kirim berkas yang bersih.",
        "This file carries malware ({threat}) and was not stored. Check the device it comes from, then send a clean file.",
    ),
    "content_infected": Wording(
        "state",
        "Dalam versi ini ditemukan malware ({threat}); isinya tidak diberikan dan tidak dipakai lagi. Unggah versi baru yang bersih.",
        "Malware was found in this version ({threat}); its bytes are not given out or used any more. Upload a new, clean version.",
    ),
    "content_quarantined": Wording(
        "state",
        "Versi ini belum dipindai karena pemindai malware belum menjawab; isinya tersedia setelah dipindai dan bersih. Coba lagi nanti.",
        "This version is not scanned yet since the malware scanner has not answered; it is given out once found clean. Try again later.",
    ),
    "content_quarantined:tried": Wording(
        "state",
        "Pemindai malware tidak dapat memeriksa versi ini (misalnya terlalu besar); dicoba lagi setiap jam. Beri tahu pengelola bila tetap begini.",
        "The malware scanner could not take this version (too large, for instance); it is tried again hourly. Tell the administrator if it stays.",
    ),
    "not_scanned_yet": Wording(
        "state",
        "Versi ini belum dipindai dari malware, jadi belum dapat dibaca, diparaf, atau ditandatangani; tunggu pemindaiannya.",
        "This version is not scanned for malware yet, so nobody can read, initial or sign it; wait for its scan.",
    ),
}
