/* SPDX-License-Identifier: Apache-2.0
 *
 * The page's markup and its one style, made for A4 and for black ink: what matters is told by
 * words, weight and frames, never by a colour alone.  It is well-formed XML too, so that a
 * strict parser can check it.
 */
#include "ceremony_html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/words.h"

static const char *const style[] = {
	"*{box-sizing:border-box}",
	"html{background:#fff;color:#111;-webkit-print-color-adjust:exact;print-color-adjust:exact}",
	"body{width:178mm;max-width:100%;margin:0 auto;padding:8mm 0;",
	"font:9.5pt/1.45 'Noto Sans','Source Sans 3','Liberation Sans','DejaVu Sans',sans-serif;",
	"overflow-wrap:anywhere}",
	"h1,h2,h3,p,dl,dd,ul,table{margin:0;padding:0}",
	"h1{font:600 21pt/1.2 'Noto Serif','Source Serif 4','Liberation Serif','DejaVu Serif',serif;",
	"margin:1mm 0 4mm}",
	"h2{font:600 13pt/1.3 'Noto Serif','Source Serif 4','Liberation Serif','DejaVu Serif',serif;",
	"margin:9mm 0 2.5mm;padding-bottom:1mm;border-bottom:.5mm solid #111;break-after:avoid}",
	"h3{font-size:10.5pt;line-height:1.35;break-after:avoid}",
	"p+p,dl+p,table+p,ul+p,.words+p{margin-top:2mm}",
	".kicker,.mark{font-size:7.5pt;font-weight:600;letter-spacing:.12em;text-transform:uppercase}",
	".kicker{color:#555}",
	".small{font-size:8pt;color:#444}",
	"code,.exact{font-family:'Noto Sans Mono','Liberation Mono','DejaVu Sans Mono',monospace;",
	"font-size:8pt;font-variant-ligatures:none}",
	".rehearsal{border:1.2mm solid #111;padding:4mm 6mm;margin-bottom:6mm;text-align:center;",
	"background:repeating-linear-gradient(45deg,#fff 0 3mm,#ddd 3mm 6mm)}",
	".rehearsal strong{display:block;font-size:24pt;line-height:1.2;letter-spacing:.25em}",
	".rehearsal span{background:#fff;padding:0 2mm}",
	".facts{display:grid;grid-template-columns:34mm 1fr;column-gap:4mm;row-gap:.6mm;",
	"align-items:baseline}",
	".facts dt{color:#555}",
	".facts dd{min-width:0}",
	".verdicts{display:grid;grid-template-columns:1fr 1fr;gap:5mm;margin:5mm 0;",
	"break-inside:avoid}",
	".verdict{border:.5mm solid #111;padding:3mm 4mm;min-width:0}",
	".verdict strong{display:block;font:600 18pt/1.25 'Noto Serif','Source Serif 4',",
	"'Liberation Serif','DejaVu Serif',serif}",
	".good{border-left:2.5mm solid #1d6b3a}",
	".verdict.bad{border:.9mm solid #a11;border-left-width:2.5mm}",
	".bad>strong,.bad>.mark,.bad .result{color:#a11}",
	".notes{list-style:none}",
	".notes li{border-left:1.2mm solid #a11;padding:.6mm 0 .6mm 3mm;margin-top:1.2mm;",
	"break-inside:avoid}",
	".notes .calm{border-left-color:#1d6b3a}",
	".words{display:grid;grid-template-columns:repeat(8,1fr);gap:.8mm 1mm;margin-top:1mm;",
	"break-inside:avoid}",
	".words span{display:block;font-size:8pt;line-height:1.25;min-width:0;white-space:nowrap}",
	".words span:nth-child(16n+9),.words span:nth-child(16n+10),.words span:nth-child(16n+11),",
	".words span:nth-child(16n+12),.words span:nth-child(16n+13),.words span:nth-child(16n+14),",
	".words span:nth-child(16n+15),.words span:nth-child(16n+16){background:#f0f0ee}",
	".words b{display:block;font:400 6.5pt/1.2 'Noto Sans Mono','Liberation Mono',",
	"'DejaVu Sans Mono',monospace;color:#555}",
	".item{border:.25mm solid #999;padding:2.2mm 4mm;margin-top:3mm;line-height:1.3;",
	"break-inside:avoid}",
	".item h3{margin-bottom:.8mm}",
	".item .facts{row-gap:.2mm}",
	".item p+.words,.item code+.words{margin-top:.5mm}",
	".item h3 span{font-weight:400}",
	".code{font:600 11.5pt/1.35 'Noto Sans Mono','Liberation Mono','DejaVu Sans Mono',monospace;",
	"font-variant-ligatures:none;margin-bottom:1mm;border-left:1.2mm solid #111;",
	"padding-left:3mm}",
	"table{width:100%;border-collapse:collapse;table-layout:fixed}",
	"thead{display:table-header-group}",
	"th{text-align:left;font-weight:600;font-size:8pt;border-bottom:.35mm solid #111;",
	"padding:.8mm 2mm .8mm 0;vertical-align:bottom}",
	"p+table,dl+table{margin-top:2mm}",
	"p+dl{margin-top:1mm}",
	"td{padding:1mm 2mm 1mm 0;border-bottom:.15mm solid #bbb;vertical-align:top;min-width:0}",
	"tr,.signing,.hash{break-inside:avoid}",
	".more td{padding-top:0}",
	".first{break-after:avoid}",
	".first td{border-bottom:0}",
	".more{break-inside:auto}",
	".line td{padding-top:.6mm;padding-bottom:.6mm}",
	".line .run td{font-weight:600;padding-top:3mm;border-bottom:.35mm solid #111;",
	"break-after:avoid}",
	".line .loud td{background:#fbeeee;border-top:.35mm solid #a11;border-bottom:.35mm solid #a11}",
	".line .loud td:first-child{border-left:1.5mm solid #a11;padding-left:1.5mm}",
	".mark{color:#a11}",
	".detail{font-size:8pt;color:#333}",
	".detail i{font-style:normal;color:#666}",
	".ink td{height:18mm;border-bottom:0;padding-top:3mm}",
	".ink .space{border-bottom:.3mm solid #111}",
	".ink .gap{width:5mm}",
	"@media screen{body{padding:10mm 0}}",
	NULL
};

static void style_of_pages(struct html *html, const unsigned char hash[32], bool rehearsal) {
	fprintf(html->file, "@page{size:A4;margin:15mm 16mm 18mm;"
		"@bottom-left{content:\"plan hash begins: %s %s %s %s\";font:7.5pt sans-serif;color:#444}"
		"@bottom-right{content:\"page \" counter(page) \" of \" counter(pages);"
		"font:7.5pt sans-serif;color:#444}", words_at(hash[0], 0), words_at(hash[1], 1),
		words_at(hash[2], 2), words_at(hash[3], 3));
	if (rehearsal)
		fputs("@top-center{content:\"REHEARSAL \\2013  THIS IS WORTH NOTHING\";"
			"font:bold 9pt sans-serif;letter-spacing:.2em}", html->file);
	fputs("}\n@media print{body{width:auto;padding:0}}\n", html->file);
}

enum caproof_status html_begin(struct html *html, const char *title,
	const unsigned char plan_hash[32], bool rehearsal, struct error *err) {
	*html = (struct html){ .file = open_memstream(&html->text, &html->len) };
	if (html->file == NULL)
		return error_memory(err);
	html_put(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>%s%s</title>\n<style>\n",
		rehearsal ? "REHEARSAL: " : "", title);
	for (size_t i = 0; style[i] != NULL; i++)
		fprintf(html->file, "%s\n", style[i]);
	style_of_pages(html, plan_hash, rehearsal);
	html_put(html, "</style>\n</head>\n<body>\n");
	return CAPROOF_OK;
}

enum caproof_status html_end(struct html *html, struct span *text, struct error *err) {
	html_put(html, "</body>\n</html>\n");
	if (fflush(html->file) != 0 || ferror(html->file) || html->no_memory)
		return error_memory(err);
	*text = span_of(html->text, html->len);
	return CAPROOF_OK;
}

void html_clear(struct html *html) {
	if (html->file != NULL)
		fclose(html->file);
	free(html->text);
	*html = (struct html){ .file = NULL };
}

/* The one way of foreign text into the page. */
static void put_escaped(struct html *html, const char *foreign) {
	char *safe = text_safe_dup(foreign, strlen(foreign));

	html->no_memory = html->no_memory || safe == NULL;
	for (const char *at = safe; at != NULL && *at != '\0'; at++) {
		switch (*at) {
		case '&': fputs("&amp;", html->file); break;
		case '<': fputs("&lt;", html->file); break;
		case '>': fputs("&gt;", html->file); break;
		case '"': fputs("&quot;", html->file); break;
		case '\'': fputs("&#39;", html->file); break;
		default: fputc(*at, html->file);
		}
	}
	free(safe);
}

/* Returns how many characters the conversion at AT has, behind its '%'. */
static size_t convert(struct html *html, const char *at, va_list *args) {
	const char *text;

	if (*at == 's') {
		text = va_arg(*args, const char *);
		put_escaped(html, text != NULL ? text : "");
		return 1;
	}
	if (strncmp(at, "ld", 2) == 0) {
		fprintf(html->file, "%ld", va_arg(*args, long));
		return 2;
	}
	if (strncmp(at, "zu", 2) == 0) {
		fprintf(html->file, "%zu", va_arg(*args, size_t));
		return 2;
	}
	if (*at != '%')
		abort(); /* a mistake of this program's, and of no input's */
	fputc('%', html->file);
	return 1;
}

void html_put(struct html *html, const char *format, ...) {
	va_list args;

	va_start(args, format);
	while (*format != '\0') {
		size_t plain = strcspn(format, "%");

		fwrite(format, 1, plain, html->file);
		format += plain;
		if (*format == '%')
			format += 1 + convert(html, format + 1, &args);
	}
	va_end(args);
}

void html_hash(struct html *html, const char *sha256) {
	struct bytes hash = BYTES_INIT;

	html_put(html, "<div class=\"hash\"><code>%s</code>\n<div class=\"words\">", sha256);
	if (!text_unhex(sha256, &hash))
		hash.len = 0;
	for (size_t i = 0; i < hash.len; i++) {
		char digits[3];

		snprintf(digits, sizeof(digits), "%02x", hash.data[i]);
		html_put(html, "<span><b>%s</b>%s</span>", digits, words_at(hash.data[i], i));
	}
	html_put(html, "</div></div>\n");
	bytes_clear(&hash);
}

void html_fact(struct html *html, const char *name, const char *value) {
	if (value != NULL)
		html_put(html, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

void html_exact(struct html *html, const char *name, const char *value) {
	if (value != NULL)
		html_put(html, "<dt>%s</dt><dd class=\"exact\">%s</dd>\n", name, value);
}
