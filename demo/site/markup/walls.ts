import { escapeHtml } from "./text.ts";

/**
 * Answers that stand where a listing should be. The wording is this site's own; the marks are
 * those by which the vendors' challenges are known.
 */
export function cloudflareWall(host: string): string {
  return `<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="360"></head>
<body><div class="main-wrapper" role="main"><noscript><div class="h2">
<span id="challenge-error-text">Switch on JavaScript and cookies to go on</span></div></noscript></div>
<script>(function(){window._cf_chl_opt = {cvId: '3',cZone: '${escapeHtml(host)}',cType: 'managed'};
var a = document.createElement('script');a.src = '/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1';
document.getElementsByTagName('head')[0].appendChild(a);}());</script>
<img src="/cdn-cgi/images/1987-porsche-911-hero.jpg" alt=""></body></html>`;
}

export function perimeterxWall(): string {
  return `<html lang="en"><head><meta name="description" content="px-captcha">
<title>Access to this page has been denied.</title>
<script src="https://captcha.px-cloud.net/PXdemo/captcha.js"></script></head>
<body><script>window._pxVid="";window._pxUuid="00000000-demo";window._pxAppId="PXdemo";</script>
<div id="px-captcha-wrapper"><div class="px-captcha-message">Press &amp; Hold, to show that a person is here</div>
<div id="px-captcha"></div></div></body></html>`;
}

/** The frame of an application that fetches its content later: nothing is for sale in it. */
export function shell(host: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${
    escapeHtml(host)
  }</title>
<meta property="og:title" content="Cars for sale"><meta property="og:type" content="website">
<link rel="modulepreload" href="/assets/app.js"></head>
<body><div id="root"></div><script type="module" src="/assets/app.js"></script>
<noscript>This application needs JavaScript.</noscript></body></html>`;
}

/** A page of so many nested elements that a recursive parser runs out of stack. */
export function nested(depth: number): string {
  return `<!doctype html><html><head><title>1987 Depth Charge</title></head><body>${
    "<div><b>".repeat(depth)
  }for sale`;
}

export function removed(): string {
  return `<!doctype html><html lang="en"><head><title>Page not found</title></head>
<body><h1>This listing is no longer here</h1><p>It may have been taken down by its owner.</p></body></html>`;
}
