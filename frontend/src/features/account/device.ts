/** What a browser called itself, in two or three words: "Safari on iPhone"; "" where nothing is known of it. */
export function deviceOf(userAgent: string): string {
	const browser = /Edg\//.test(userAgent)
		? 'Edge'
		: /OPR\//.test(userAgent)
			? 'Opera'
			: /Firefox\/|FxiOS\//.test(userAgent)
				? 'Firefox'
				: /Chrome\/|CriOS\/|Chromium\//.test(userAgent)
					? 'Chrome'
					: /Safari\//.test(userAgent)
						? 'Safari'
						: '';
	const system = /iPhone/.test(userAgent)
		? 'iPhone'
		: /iPad/.test(userAgent)
			? 'iPad'
			: /Android/.test(userAgent)
				? 'Android'
				: /Mac OS X/.test(userAgent)
					? 'Mac'
					: /Windows/.test(userAgent)
						? 'Windows'
						: /Linux|X11/.test(userAgent)
							? 'Linux'
							: '';
	return browser && system ? `${browser} on ${system}` : browser || system || userAgent.split(/[\s/]/)[0] || '';
}
